"""What a scan adds to the cases: a new case, new evidence of an open one, or nothing. Pure."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Days
from gridhall.metering.irregular.cases.model import Case, CaseId, Entry, State
from gridhall.metering.irregular.judging import score_of
from gridhall.metering.irregular.model import Evidence, Suspicion, Watch, leading

SYSTEM: Final = "system"
_MOST_SIGNALS: Final = 12


def gathered(
    suspicion: Suspicion, *, case: Case | None, quiet: Collection[str], watch: Watch, now: datetime
) -> Case | None:
    """Return the case to be written, None where there is nothing to write.

    case: the one that is under way at the point. quiet: signals that were dismissed here and are not believed yet; a
    suspicion that does not reach the threshold without them opens nothing. The same suspicion again changes nothing.
    """
    evidence = tuple(one for one in suspicion.evidence if one.signal not in quiet)
    reached = score_of(evidence) if len(evidence) < len(suspicion.evidence) else suspicion.score
    if not evidence or reached < watch.thresholds[suspicion.point.supply_class]:
        return None
    if case is not None:
        return _added(case, replace(suspicion, evidence=evidence, score=reached), now)
    point = suspicion.point
    return Case(
        id=CaseId(new_id()),
        revision=1,
        point_id=point.id,
        region=point.region,
        org_path=point.org_path,
        district=point.district,
        supply_class=point.supply_class,
        state=State.OPEN,
        score=reached,
        evidence=evidence,
        days=suspicion.days,
        opened_at=now,
        changed_at=now,
        due_on=suspicion.days.end + timedelta(days=watch.due_days),
        history=(Entry(now, SYSTEM, "opened", " ".join(one.signal for one in evidence)),),
    )


def _added(case: Case, suspicion: Suspicion, now: datetime) -> Case | None:
    """Lay new evidence over what the case has: a signal that is there says what it says now, one that is not joins."""
    kept = {one.signal: one for one in case.evidence}
    newest = max((one.last_seen for one in case.evidence), default=None)
    if newest is not None and suspicion.days.end - timedelta(days=1) < newest:
        return None  # an older scan that comes late
    joined = [one for one in suspicion.evidence if one.signal not in kept]
    for one in suspicion.evidence:
        kept[one.signal] = _laid_over(kept.get(one.signal), one)
    evidence = leading(list(kept.values()), most=_MOST_SIGNALS)
    changed = replace(
        case,
        evidence=evidence,
        score=max(case.score, suspicion.score),
        days=Days(min(case.days.start, suspicion.days.start), max(case.days.end, suspicion.days.end)),
    )
    if changed == case:
        return None
    told = (Entry(now, SYSTEM, "evidence", " ".join(one.signal for one in joined)),) if joined else ()
    return replace(changed, revision=case.revision + 1, changed_at=now, history=(*case.history, *told))


def _laid_over(old: Evidence | None, new: Evidence) -> Evidence:
    return new if old is None else replace(new, first_seen=min(old.first_seen, new.first_seen))
