"""Reading usage: intervals out of the days, everything longer out of the maintained totals of the months."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol
from uuid import UUID

from gridhall.kit.localdays import Days, Month, slots_in
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.comparing import Against, Comparison, compare, counterpart
from gridhall.metering.histories.curve import curve
from gridhall.metering.histories.keys import day_key, day_of, month_key, month_of, point_of
from gridhall.metering.histories.model import DayBucket, DayTotals, MonthOfDays
from gridhall.metering.histories.ranges import months_of, overlap
from gridhall.metering.histories.series import IntervalSeries, PeriodTotals, TotalsSeries
from gridhall.metering.histories.summing import add_up, finest
from gridhall.metering.histories.tables import USUAL_MINUTES, DaysKept
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.quality import UNSURE


class MonthReader(Protocol):
    """Where the totals of months are read: the repository, or what joins the reads of many requests."""

    async def months(self, keys: Collection[bytes]) -> Mapping[bytes, MonthOfDays]:
        """Return those of the months that are kept, by key."""


class DayReader(MonthReader, Protocol):
    """Where days and, of days whose slots expired, the totals of months are read."""

    async def days(self, keys: Collection[bytes]) -> Mapping[bytes, DayBucket]:
        """Return those of the days that are kept, by key."""


async def interval_series(
    *,
    point: ServicePoint,
    days: Days,
    histories: DayReader,
    channel: str = IMPORT_KWH,
    minutes: int | None = None,
    expired_before: date | None = None,
) -> IntervalSeries:
    """Return every slot of local days, in slots of `minutes` or, by default, of the longest that was measured.

    One round trip; a second one only where a day before `expired_before` is not there, to tell whether it ever was.
    Raises UnfitSlotsError where the measured slots cannot be joined to slots of `minutes`. A day without a curve is
    named as such; its slots are missing.
    """
    found = await histories.days([day_key(point.id, channel, day) for day in days])
    buckets = {day_of(key): bucket for key, bucket in found.items() if bucket.has_curve}
    without_curve = tuple(sorted(day_of(key) for key, bucket in found.items() if not bucket.has_curve))
    longest = max((bucket.minutes for bucket in buckets.values()), default=USUAL_MINUTES)
    series = curve(point=point, channel=channel, days=days, buckets=buckets, minutes=minutes or longest)
    series = replace(series, without_curve=without_curve) if without_curve else series
    if expired_before is None:
        return series
    gone = [day for day in days if day < expired_before and day not in buckets and day not in without_curve]
    if not gone:
        return series
    old = overlap(days, Days(days.start, expired_before))
    kept = await kept_days(point, channel, months_of(old), histories)
    counted = {day for day, entry in kept.of(old) if entry is not None}
    return replace(series, expired=tuple(day for day in gone if day in counted))


async def day_series(
    *,
    point: ServicePoint,
    days: Days,
    histories: MonthReader,
    channel: str = IMPORT_KWH,
    until: date | None = None,
) -> TotalsSeries:
    """Return the energy of every local day.

    Slots of days from `until` on (say, today) are not expected yet; without it every slot of a day is.
    """
    return (await kept_days(point, channel, months_of(days), histories, until=until)).by_day(days)


async def month_series(
    *,
    point: ServicePoint,
    months: Sequence[Month],
    histories: MonthReader,
    channel: str = IMPORT_KWH,
    until: date | None = None,
    within: Days | None = None,
) -> TotalsSeries:
    """Return the energy of calendar months that follow each other, or of those days of them that are `within`.

    Slots of days from `until` on (say, today) are not expected yet; without it every slot of a month is.
    """
    days = overlap(Days(months[0].first, months[-1].shift(1).first), within)
    return (await kept_days(point, channel, months, histories, until=until)).by_month(days)


async def year_series(
    *,
    point: ServicePoint,
    days: Days,
    histories: MonthReader,
    channel: str = IMPORT_KWH,
    until: date | None = None,
) -> TotalsSeries:
    """Return the energy of the calendar years in which the days fall, twelve keys a year.

    Of the first and the last year only the given days count. `until` is as in `month_series`.
    """
    return (await kept_days(point, channel, months_of(days), histories, until=until)).by_year(days)


async def comparison(
    *,
    point: ServicePoint,
    days: Days,
    against: Against,
    histories: MonthReader,
    today: date,
    channel: str = IMPORT_KWH,
    held: Days | None = None,
) -> Comparison:
    """Compare days, as far as they have passed, with the period before or the same of last year.

    held: the days that may be read at all, None for every day; others count as if they had no history.
    """
    other, _ = counterpart(days, against)
    readable = [overlap(one, held) for one in (days, other)]
    wanted = sorted({month for one in readable for month in months_of(one)})
    kept = await kept_days(point, channel, wanted, histories, held=held)
    return compare(kept=kept, days=days, against=against, today=today)


async def period_totals(
    *, point_ids: Collection[UUID], days: Days, histories: MonthReader, channel: str = IMPORT_KWH
) -> dict[UUID, PeriodTotals]:
    """Return the energy a period of many points over the same local days, in one round trip.

    Points without any reading of these days are left out.
    """
    months = months_of(days)
    found = await histories.months([month_key(id_, channel, month) for id_ in point_ids for month in months])
    by_point: dict[UUID, list[MonthOfDays]] = {}
    for key, month in found.items():
        by_point.setdefault(point_of(key), []).append(month)
    totals = {id_: _over(days, of_point) for id_, of_point in by_point.items()}
    return {id_: total for id_, total in totals.items() if total}


def _over(days: Days, months: Sequence[MonthOfDays]) -> PeriodTotals | None:
    kept: dict[date, DayTotals] = {}
    for month in months:
        kept |= {day: entry for day, entry in month.dated().items() if day in days}
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
        unsure_days=sum(entry.quality in UNSURE for entry in kept.values()),
    )


async def kept_days(
    point: ServicePoint,
    channel: str,
    months: Sequence[Month],
    histories: MonthReader,
    *,
    until: date | None = None,
    held: Days | None = None,
) -> DaysKept:
    """Return the days of whole months, for several columns out of one read."""
    found = await histories.months([month_key(point.id, channel, month) for month in months])
    read = {month_of(key): month for key, month in found.items()}
    return DaysKept(point=point, channel=channel, months=read, until=until, held=held)
