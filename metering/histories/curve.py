"""The slots of several days, one after the other, as one series. Pure."""

from collections.abc import Mapping
from datetime import date

from gridhall.kit.localdays import Days, day_start, slots_in
from gridhall.metering.calendars import calendar, periods_of_day
from gridhall.metering.histories.coarsen import coarsen
from gridhall.metering.histories.model import DayBucket
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY, unpack_quality
from gridhall.metering.histories.series import IntervalSeries
from gridhall.metering.points.model import ServicePoint


def curve(
    *, point: ServicePoint, channel: str, days: Days, buckets: Mapping[date, DayBucket], minutes: int
) -> IntervalSeries:
    """Join days into slots of `minutes`, at the finest scale that occurs; days without a bucket are missing.

    Raises UnfitSlotsError where a day's own slots cannot be joined to slots of `minutes`.
    """
    scale = max((bucket.scale for bucket in buckets.values()), default=0)
    of_code = calendar(point.calendar)
    values: list[int] = []
    quality: list[int] = []
    periods: list[int] = []
    first_slots: list[int] = []
    for day in days:
        first_slots.append(len(values))
        bucket = buckets.get(day)
        if bucket is None:
            slots = slots_in(day, point.zone, minutes)
            energy, codes = [MISSING] * slots, [MISSING_QUALITY] * slots
        else:
            energy, codes = _slots(bucket, minutes, scale)
        values += energy
        quality += codes
        periods += periods_of_day(of_code, day=day, minutes=minutes, zone=point.zone)
    return IntervalSeries(
        channel=channel,
        start=day_start(days.start, point.zone),
        minutes=minutes,
        scale=scale,
        values=tuple(None if value < 0 else value for value in values),
        quality=tuple(None if code == MISSING_QUALITY else code for code in quality),
        periods=tuple(periods),
        period_codes=of_code.periods,
        days=tuple(days),
        first_slots=tuple(first_slots),
        present=len(values) - values.count(MISSING),
        expected=len(values),
        as_of=max((bucket.as_of for bucket in buckets.values()), default=None),
    )


def _slots(bucket: DayBucket, minutes: int, scale: int) -> tuple[list[int], list[int]]:
    if minutes % bucket.minutes:
        raise UnfitSlotsError(bucket.day, bucket.minutes, minutes)
    measured = bucket.unpacked()
    codes = unpack_quality(bucket.quality, measured)
    energy, joined = coarsen(measured, codes, by=minutes // bucket.minutes)
    factor = 10 ** (scale - bucket.scale)
    return [value * factor if value > 0 else value for value in energy], joined


class UnfitSlotsError(ValueError):
    """Slots were asked for that the measured ones cannot be joined to."""

    def __init__(self, day: date, measured: int, asked: int) -> None:
        super().__init__(f"minutes: {asked} is no multiple of the {measured} minutes measured on {day}")
