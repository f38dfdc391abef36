"""Reading usage: intervals out of the days, everything longer out of the maintained totals of the months."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final, Protocol
from uuid import UUID

from gridhall.kit.localdays import Days, Month, slots_in
from gridhall.metering.calendars import calendar
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.curve import curve
from gridhall.metering.histories.keys import day_key, day_of, month_key, month_of, point_of
from gridhall.metering.histories.model import DayTotals, MonthOfDays
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.histories.series import IntervalSeries, PeriodTotals, TotalsSeries
from gridhall.metering.histories.summing import add_up, finest
from gridhall.metering.points.model import ServicePoint

USUAL_MINUTES: Final = 15
"""Slot length assumed of a point that has no usage at all in what is asked."""


class MonthReader(Protocol):
    """Where the totals of months are read: the repository, or what joins the reads of many requests."""

    async def months(self, keys: Collection[bytes]) -> Mapping[bytes, MonthOfDays]:
        """Return those of the months that are kept, by key."""


async def interval_series(
    *,
    point: ServicePoint,
    days: Days,
    histories: HistoryRepository,
    channel: str = IMPORT_KWH,
    minutes: int | None = None,
) -> IntervalSeries:
    """Return every slot of local days, in slots of `minutes` or, by default, of the longest that was measured.

    Raises UnfitSlotsError where the measured slots cannot be joined to slots of `minutes`.
    """
    found = await histories.days([day_key(point.id, channel, day) for day in days])
    buckets = {day_of(key): bucket for key, bucket in found.items()}
    longest = max((bucket.minutes for bucket in buckets.values()), default=USUAL_MINUTES)
    return curve(point=point, channel=channel, days=days, buckets=buckets, minutes=minutes or longest)


async def day_series(
    *, point: ServicePoint, days: Days, histories: MonthReader, channel: str = IMPORT_KWH
) -> TotalsSeries:
    """Return the energy of every local day."""
    months = await _months(point, channel, _months_of(days), histories)
    minutes = _minutes(months.values())
    rows = []
    for day in days:
        month = months.get(Month.of(day))
        entry = month.days.get(day.day) if month else None
        expected = entry.expected if entry else slots_in(day, point.zone, minutes)
        rows.append((day.isoformat(), [entry] if entry else [], expected))
    return _table(point, channel, rows, months.values())


async def month_series(
    *,
    point: ServicePoint,
    months: Sequence[Month],
    histories: MonthReader,
    channel: str = IMPORT_KWH,
    until: date | None = None,
) -> TotalsSeries:
    """Return the energy of calendar months.

    Slots of days from `until` on (say, today) are not expected yet; without it every slot of a month is.
    """
    found = await _months(point, channel, months, histories)
    minutes = _minutes(found.values())
    rows = []
    for month in months:
        kept = found[month].days if month in found else {}
        expected = sum(
            kept[day.day].expected if day.day in kept else slots_in(day, point.zone, minutes)
            for day in month.days
            if until is None or day < until
        )
        rows.append((str(month), list(kept.values()), expected))
    return _table(point, channel, rows, found.values())


async def period_totals(
    *, point_ids: Collection[UUID], days: Days, histories: MonthReader, channel: str = IMPORT_KWH
) -> dict[UUID, PeriodTotals]:
    """Return the energy a period of many points over the same local days, in one round trip.

    Points without any reading of these days are left out.
    """
    months = _months_of(days)
    found = await histories.months([month_key(id_, channel, month) for id_ in point_ids for month in months])
    by_point: dict[UUID, list[MonthOfDays]] = {}
    for key, month in found.items():
        by_point.setdefault(point_of(key), []).append(month)
    totals = {id_: _over(days, of_point) for id_, of_point in by_point.items()}
    return {id_: total for id_, total in totals.items() if total}


def _over(days: Days, months: Sequence[MonthOfDays]) -> PeriodTotals | None:
    kept: dict[date, DayTotals] = {}
    for month in months:
        first = month_of(month.key).first
        kept |= {day: entry for number, entry in month.days.items() if (day := first.replace(day=number)) in days}
    if not kept:
        return None
    zone, minutes = months[0].zone, months[0].minutes
    result = add_up(kept.values(), scale=finest(kept.values()))
    return PeriodTotals(
        scale=result.scale,
        total=result.total,
        by_period=result.by_period,
        days=len(kept),
        present=result.present,
        expected=sum(kept[day].expected if day in kept else slots_in(day, zone, minutes) for day in days),
        quality=result.quality or 0,
        as_of=max(month.as_of for month in months),
    )


async def _months(
    point: ServicePoint, channel: str, months: Sequence[Month], histories: MonthReader
) -> Mapping[Month, MonthOfDays]:
    found = await histories.months([month_key(point.id, channel, month) for month in months])
    return {month_of(key): month for key, month in found.items()}


def _months_of(days: Days) -> list[Month]:
    return sorted({Month.of(day) for day in days})


def _minutes(months: Collection[MonthOfDays]) -> int:
    return next((month.minutes for month in months), USUAL_MINUTES)


def _table(
    point: ServicePoint,
    channel: str,
    rows: Sequence[tuple[str, list[DayTotals], int]],
    months: Collection[MonthOfDays],
) -> TotalsSeries:
    """Lay rows of label, days and expected slots out in columns, all at the finest scale that occurs."""
    scale = max((finest(entries) for _, entries, _ in rows), default=0)
    sums = [add_up(entries, scale=scale) for _, entries, _ in rows]
    # Periods of the point's calendar in its order, then those of a calendar that it had before.
    periods = dict.fromkeys((*calendar(point.calendar).periods, *(period for one in sums for period in one.by_period)))
    return TotalsSeries(
        channel=channel,
        scale=scale,
        labels=tuple(label for label, _, _ in rows),
        totals=tuple(one.total if one.present else None for one in sums),
        by_period={
            period: tuple(one.by_period.get(period, 0) if one.present else None for one in sums) for period in periods
        },
        present=tuple(one.present for one in sums),
        expected=tuple(expected for _, _, expected in rows),
        quality=tuple(one.quality for one in sums),
        as_of=max((month.as_of for month in months), default=None),
    )
