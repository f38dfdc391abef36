"""A run over the points of a region, a chunk at a time: judge, estimate what is missing, open and close exceptions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Final, Self

from gridhall.kit.localdays import Days
from gridhall.metering.histories.keys import day_key
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.retry import take_turn
from gridhall.metering.vee import measures
from gridhall.metering.vee.estimating.operations import Filled, fill
from gridhall.metering.vee.exceptions.repository import ExceptionRepository
from gridhall.metering.vee.exceptions.settling import settled
from gridhall.metering.vee.judging import Bench, Judged, Place, judge, keep

CHUNK: Final = 200
"""Points a chunk: 200 points with a month of days and the month before them are some 30 MB while they are judged."""

MOST_DAYS: Final = 31
"""Days that are judged at once; a longer run takes them one window after the other."""


@dataclass(frozen=True, slots=True)
class Vee:
    """What validation needs at hand. grace_days: how long the readings of a whole day may be on their way."""

    points: PointRepository
    bench: Bench
    exceptions: ExceptionRepository
    grace_days: int


@dataclass(slots=True)
class VeeReport:
    """What a run came to. failed: days by check. estimated: intervals. exceptions: opened, changed or closed."""

    judged: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    estimated: int = 0
    not_estimated: int = 0
    exceptions: int = 0

    def __iadd__(self, other: "VeeReport") -> Self:
        self.judged += other.judged
        self.failed += other.failed
        self.estimated += other.estimated
        self.not_estimated += other.not_estimated
        self.exceptions += other.exceptions
        return self


async def run_chunk(
    *, vee: Vee, points: Sequence[ServicePoint], days: Days, today: date, now: datetime, again: bool = False
) -> VeeReport:
    """Validate the days of some hundred points that changed since the last run.

    Days from `today` on are left alone. Idempotent: the outcomes are kept last, so whatever a crash cut short is
    found again by the next run, which finds done what was done.
    """
    report = VeeReport()
    first, end = days.start, min(days.end, today)
    while first < end:
        window = Days(first, min(end, first + timedelta(days=MOST_DAYS)))
        report += await _run_window(vee, points, window, today=today, now=now, again=again)
        first = window.end
    return report


async def _run_window(
    vee: Vee, points: Sequence[ServicePoint], days: Days, *, today: date, now: datetime, again: bool
) -> VeeReport:
    absent_before = today - timedelta(days=vee.grace_days)
    judged = await judge(bench=vee.bench, points=points, days=days, absent_before=absent_before, again=again)
    filled = await fill(bench=vee.bench, judged=judged, today=today, now=now)
    if filled.written:
        changed_points = [point for point in points if point.id in filled.points]
        afresh = await judge(
            bench=vee.bench, points=changed_points, days=days, absent_before=absent_before, again=again
        )
        judged = [*(one for one in judged if one.material.point.id not in filled.points), *afresh]
    changed = await _settle(vee.exceptions, judged, today=today, now=now)
    await keep(bench=vee.bench, judged=judged)
    measures.count(judged, filled)
    return _report(judged, filled, changed)


async def _settle(exceptions: ExceptionRepository, judged: Sequence[Judged], *, today: date, now: datetime) -> int:
    waiting = {
        day_key(*Place(one.material.point.id, one.material.channel), day.day): (day, one.material)
        for one in judged
        for day in one.days
    }
    changed = 0
    for attempt in count():
        if not waiting:
            return changed
        await take_turn(attempt, of="usage_exceptions")
        known = await exceptions.load(waiting)
        writes = [
            one
            for key, (day, material) in waiting.items()
            if (one := settled(known.get(key), day, material, today=today, now=now))
        ]
        late = await exceptions.put(writes)
        changed += len(writes) - len(late)
        waiting = {key: waiting[key] for key in late}
    raise AssertionError("unreachable: take_turn raises")


def _report(judged: Sequence[Judged], filled: Filled, changed: int) -> VeeReport:
    return VeeReport(
        judged=sum(len(one.days) for one in judged),
        failed=Counter(outcome.code for one in judged for day in one.days for outcome in day.failed),
        estimated=filled.written,
        not_estimated=len(filled.refused),
        exceptions=changed,
    )
