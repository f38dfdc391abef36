"""Days whose point was given another calendar, split by it anew. Values stay as they are; only the totals change."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import count
from typing import Final

from gridhall.metering.histories.model import DayBucket
from gridhall.metering.histories.months import settle
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.histories.totals import totals_by_period
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.retry import take_turn

_AT_ONCE: Final = 400


async def resplit(*, points: Sequence[ServicePoint], since: date, histories: HistoryRepository, now: datetime) -> int:
    """Split all days of points from `since` on by the calendars that these have today; return how many changed.

    The older split is kept as a revision; months follow, and whoever closed such a day is told. Run again, it goes on
    with what is left, and where a crash came between days and their months it brings the months up to them. Days
    without a curve cannot be split and stay. Raises ContendedError where other writers were faster every time.
    """
    return sum([await _resplit(point, since, histories, now) for point in points])


def split_anew(day: DayBucket, *, calendar: str, now: datetime) -> DayBucket:
    """Return the next revision of a day, split by another calendar. Pure."""
    totals = totals_by_period(day.unpacked(), code=calendar, day=day.day, minutes=day.minutes, zone=day.zone)
    return day._replace(revision=day.revision + 1, calendar=calendar, totals=totals, as_of=now)


async def _resplit(point: ServicePoint, since: date, histories: HistoryRepository, now: datetime) -> int:
    changed, attempts, after = 0, count(), b""
    while days := await histories.curves_since(point.id, since=since, after=after, limit=_AT_ONCE):
        await take_turn(next(attempts), of="usage_days")
        otherwise = [day for day in days if day.calendar != point.calendar]
        anew = {day.key: split_anew(day, calendar=point.calendar, now=now) for day in otherwise}
        await histories.keep_revisions(otherwise)
        late = await histories.put_days(list(anew.values()))
        await settle(buckets=[anew.get(day.key, day) for day in days if day.key not in late], histories=histories)
        changed += len(anew) - len(late)
        if not late:
            attempts, after = count(), days[-1].key
    return changed
