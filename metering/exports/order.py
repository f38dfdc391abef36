"""What a file of usage is to hold, and its usage read a month at a time."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from gridhall.kit.localdays import Days
from gridhall.metering.histories.curve import curve
from gridhall.metering.histories.keys import day_key, day_of
from gridhall.metering.histories.model import DayBucket
from gridhall.metering.histories.queries import day_series, month_series, year_series
from gridhall.metering.histories.ranges import Resolution, months_of, overlap
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.histories.series import IntervalSeries, TotalsSeries
from gridhall.metering.histories.tables import USUAL_MINUTES
from gridhall.metering.points.model import ServicePoint


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """A file of usage of one service point.

    number: which of the account's points it is, from 1. days: local days. today: nothing from it on is expected.
    expired_before: days before it have no intervals any more, None where all are kept.
    """

    point: ServicePoint
    number: int
    channels: tuple[str, ...]
    days: Days
    resolution: Resolution
    today: date
    expired_before: date | None = None


async def curves(order: ExportOrder, *, histories: HistoryRepository) -> AsyncIterator[IntervalSeries]:
    """Yield the slots as they were measured, channel by channel, at most a month at a time.

    Days whose slots are of another length are a series of their own, so nothing is joined that was measured apart.
    """
    for channel in order.channels:
        for month in months_of(order.days):
            days = overlap(order.days, month.days)
            found = await histories.days([day_key(order.point.id, channel, day) for day in days])
            buckets = {day_of(key): bucket for key, bucket in found.items()}
            for run, minutes in _runs(days, buckets):
                series = curve(point=order.point, channel=channel, days=run, buckets=_of(run, buckets), minutes=minutes)
                gone = [day for day in run if _is_gone(day, order) and day not in buckets]
                yield replace(series, expired=tuple(gone))


async def totals(order: ExportOrder, *, histories: HistoryRepository) -> AsyncIterator[TotalsSeries]:
    """Yield one table a channel: of the days, or of the months or years in which they fall."""
    for channel in order.channels:
        if order.resolution is Resolution.MONTH:
            yield await month_series(
                point=order.point,
                months=months_of(order.days),
                within=order.days,
                channel=channel,
                histories=histories,
                until=order.today,
            )
        else:
            read = year_series if order.resolution is Resolution.YEAR else day_series
            yield await read(
                point=order.point, days=order.days, channel=channel, histories=histories, until=order.today
            )


def _runs(days: Days, buckets: Mapping[date, DayBucket]) -> Iterator[tuple[Days, int]]:
    """Cut days into runs of one slot length; a missing day is as long as the one before it."""
    minutes = next((bucket.minutes for _, bucket in sorted(buckets.items())), USUAL_MINUTES)
    lengths: dict[date, int] = {}
    for day in days:
        minutes = buckets[day].minutes if day in buckets else minutes
        lengths[day] = minutes
    start = days.start
    for length, run in groupby(days, key=lengths.__getitem__):
        end = date.fromordinal(start.toordinal() + len(list(run)))
        yield Days(start, end), length
        start = end


def _of(run: Days, buckets: Mapping[date, DayBucket]) -> dict[date, DayBucket]:
    return {day: bucket for day, bucket in buckets.items() if day in run}


def _is_gone(day: date, order: ExportOrder) -> bool:
    return order.expired_before is not None and day < order.expired_before
