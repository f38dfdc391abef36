"""What becomes of a day's exception when the day was judged. Pure."""

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from gridhall.metering.histories.keys import day_key
from gridhall.metering.quality import ESTIMATES
from gridhall.metering.vee.assembling import Material
from gridhall.metering.vee.exceptions.model import DayException, ExceptionState, Step, due_after
from gridhall.metering.vee.model import JudgedDay, Severity, worst_severity

VEE: Final = "vee"
"""Who did what the nightly run does."""


def settled(
    known: DayException | None, judged: JudgedDay, material: Material, *, today: date, now: datetime
) -> DayException | None:
    """Return what has to be written: an exception opened, changed or closed; None where nothing is.

    What a person has accepted stays accepted, unless a check fails that did not fail then.
    """
    grave = sorted(
        (one for one in judged.failed if one.severity and one.severity.opens_exception),
        key=lambda one: list(Severity).index(one.severity or Severity.INFORMATIONAL),
        reverse=True,
    )
    codes = tuple(one.code for one in grave)
    severity = worst_severity(judged.failed)
    if severity is None or not codes:
        if known is None or not known.state.waits:
            return None
        state = ExceptionState.ESTIMATED if _estimated(material, judged.day) else ExceptionState.RESOLVED
        return known.moved(state, by=VEE, now=now)
    if known is None:
        return _opened(judged, material, codes, severity, today=today, now=now)
    if set(codes) <= known.accepted or (codes == known.codes and known.state.waits):
        return None
    changed = replace(known, codes=codes, severity=severity)
    if known.state.waits:
        return replace(changed, version=known.version + 1)
    return changed.reopened(due_on=due_after(today), now=now, by=VEE)


def _opened(
    judged: JudgedDay, material: Material, codes: tuple[str, ...], severity: Severity, *, today: date, now: datetime
) -> DayException:
    point, link = material.point, material.point.link_on(judged.day)
    return DayException(
        key=day_key(point.id, material.channel, judged.day),
        point_id=point.id,
        channel=material.channel,
        day=judged.day,
        region=point.region,
        org_path=point.org_path,
        supply_class=point.supply_class,
        meter=link.meter if link else "",
        codes=codes,
        severity=severity,
        state=ExceptionState.OPEN,
        opened_at=now,
        due_on=due_after(today),
        steps=(Step(at=now, by=VEE, state=ExceptionState.OPEN),),
    )


def _estimated(material: Material, day: date) -> bool:
    totals = material.totals.get(day)
    return totals is not None and totals.quality in ESTIMATES
