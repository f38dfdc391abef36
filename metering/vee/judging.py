"""Judging days: what lags is found by comparing revisions, so a run that broke off is simply run again.

A day was judged in the state that its stamp names: the revisions of its readings and of the registers at both its
midnights. Where one of them is another by now, the day is judged anew; nothing else has to be remembered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from gridhall.kit.localdays import Days, Month
from gridhall.metering.histories.keys import day_key, day_of, month_key
from gridhall.metering.histories.model import DayBucket, DayTotals
from gridhall.metering.histories.ranges import months_of
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.points.model import CLASSES, Meter, ServicePoint
from gridhall.metering.points.repository import MeterRepository
from gridhall.metering.registers.model import RegisterDay
from gridhall.metering.registers.repository import RegisterRepository
from gridhall.metering.vee.assembling import Material, last_year_of
from gridhall.metering.vee.checks import run_checks
from gridhall.metering.vee.model import JudgedDay
from gridhall.metering.vee.repository import CheckRepository
from gridhall.metering.vee.thresholds import Thresholds

_ONE_DAY = timedelta(days=1)


class Place(NamedTuple):
    """A channel at a point."""

    point_id: UUID
    channel: str


@dataclass(frozen=True, slots=True)
class Bench:
    """Where days are judged: what is read, and by which thresholds a class."""

    meters: MeterRepository
    histories: HistoryRepository
    registers: RegisterRepository
    checks: CheckRepository
    thresholds: Mapping[str, Thresholds]

    @property
    def back(self) -> int:
        """How many days before a day its checks look at, at most."""
        return max(
            max(limits.high_low.days, limits.duplicate.days, limits.prolonged_estimation.days)
            for limits in (self.thresholds[name] for name in CLASSES)
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """The days of a place that were judged, with what they were judged by."""

    material: Material
    days: tuple[JudgedDay, ...]


async def judge(
    *, bench: Bench, points: Sequence[ServicePoint], days: Days, absent_before: date, again: bool = False
) -> list[Judged]:
    """Judge those days of points that changed since they were judged (`again`: all of them). `keep` writes it down.

    days: at most a month or two, all of them over. absent_before: a day that nothing at all is kept of is judged
    only before this one, since its readings may be on their way; and never of a meter that people read, which owes
    no curve.
    Takes seven round trips for all points together, four where nothing lags behind.
    """
    found = await _look(bench, points, days)
    waiting = {
        place: lagging
        for place, (material, known) in found.items()
        if (lagging := [day for day in days if _lags(material, known, day, absent_before, again=again)])
    }
    if not waiting:
        return []
    materials = await _gather(bench, {place: found[place][0] for place in waiting}, waiting)
    judged = []
    for place, lagging in waiting.items():
        material, limits = materials[place], bench.thresholds[materials[place].point.supply_class]
        judged.append(Judged(material, tuple(_judge_days(material, lagging, limits))))
    return judged


async def keep(*, bench: Bench, judged: Sequence[Judged]) -> None:
    """Write outcomes down. It comes last of all that is done about a day: a day not kept as judged is judged again."""
    months: dict[bytes, list[JudgedDay]] = {}
    for one in judged:
        for day in one.days:
            key = month_key(one.material.point.id, one.material.channel, Month.of(day.day))
            months.setdefault(key, []).append(day)
    await bench.checks.put(months)


def _judge_days(material: Material, days: Sequence[date], limits: Thresholds) -> list[JudgedDay]:
    """Judge days in their order: a curve that one of them shows is known to the next."""
    result = []
    prints, past = dict(material.prints), material.past()
    for day in days:
        meter = material.meter_on(day)
        if meter is None:
            continue
        evidence = material.evidence(day, meter, limits, past=past, prints=prints)
        result.append(JudgedDay(day, material.stamp(day), run_checks(evidence, limits), evidence.print))
        if evidence.print:
            prints[evidence.print] = day
    return result


def _lags(material: Material, known: Mapping[date, JudgedDay], day: date, absent_before: date, *, again: bool) -> bool:
    meter = material.meter_on(day)
    if meter is None:
        return False
    stamp = material.stamp(day)
    if stamp.day == 0 and (day >= absent_before or not meter.remote):
        return False
    judged = known.get(day)
    return again or judged is None or judged.stamp != stamp


async def _look(
    bench: Bench, points: Sequence[ServicePoint], days: Days
) -> dict[Place, tuple[Material, dict[date, JudgedDay]]]:
    """Return for every place what tells which of its days changed, and how they were judged."""
    meters = await bench.meters.by_numbers({link.meter for point in points for link in point.links})
    places = {Place(point.id, channel): point for point in points for channel in _channels(point, meters)}
    keys = {month_key(*place, month): place for place in places for month in months_of(days)}
    totals = await _totals(bench.histories, keys)
    registers = await _registers(bench.registers, places, Days(days.start, days.end + _ONE_DAY))
    known: dict[Place, dict[date, JudgedDay]] = {}
    for key, month in (await bench.checks.months(keys)).items():
        known.setdefault(keys[key], {}).update((one.day, one) for one in month.values())
    return {
        place: (
            Material(point, place.channel, meters, totals.get(place, {}), registers.get(place, {})),
            known.get(place, {}),
        )
        for place, point in places.items()
    }


async def _gather(
    bench: Bench, found: Mapping[Place, Material], waiting: Mapping[Place, Sequence[date]]
) -> dict[Place, Material]:
    """Return the materials with all that the checks of the waiting days look at."""
    totals_of: dict[bytes, Place] = {}
    prints_of: dict[bytes, Place] = {}
    days_of: dict[bytes, Place] = {}
    for place, days in waiting.items():
        back = months_of(Days(min(days) - timedelta(days=bench.back), max(days) + _ONE_DAY))
        prints_of |= {month_key(*place, month): place for month in back}
        totals_of |= {month_key(*place, month): place for month in back}
        totals_of |= {month_key(*place, Month.of(like)): place for day in days for like in last_year_of(day)}
        days_of |= {day_key(*place, day): place for day in days}
    totals = await _totals(bench.histories, totals_of)
    prints: dict[Place, dict[bytes, date]] = {}
    for key, month in (await bench.checks.months(prints_of)).items():
        waits = set(waiting[prints_of[key]])
        for one in sorted(month.values(), key=lambda judged: judged.day):
            if one.print and one.day not in waits:
                kept = prints.setdefault(prints_of[key], {})
                kept[one.print] = max(one.day, kept.get(one.print, one.day))
    buckets: dict[Place, dict[date, DayBucket]] = {}
    for key, bucket in (await bench.histories.days(days_of)).items():
        buckets.setdefault(days_of[key], {})[day_of(key)] = bucket
    return {
        place: Material(
            material.point,
            material.channel,
            material.meters,
            {**totals.get(place, {}), **material.totals},
            material.registers,
            buckets.get(place, {}),
            prints.get(place, {}),
        )
        for place, material in found.items()
    }


async def _totals(histories: HistoryRepository, keys: Mapping[bytes, Place]) -> dict[Place, dict[date, DayTotals]]:
    totals: dict[Place, dict[date, DayTotals]] = {}
    for key, month in (await histories.months(keys)).items():
        totals.setdefault(keys[key], {}).update(month.dated())
    return totals


async def _registers(
    registers: RegisterRepository, places: Mapping[Place, ServicePoint], midnights: Days
) -> dict[Place, dict[date, RegisterDay]]:
    keys = {day_key(*place, day): place for place in places for day in midnights}
    found: dict[Place, dict[date, RegisterDay]] = {}
    for key, day in (await registers.days(keys)).items():
        found.setdefault(keys[key], {})[day_of(key)] = day
    return found


def _channels(point: ServicePoint, meters: Mapping[str, Meter]) -> set[str]:
    return {channel for link in point.links if link.meter in meters for channel in meters[link.meter].channels}
