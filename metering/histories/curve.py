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

Column = list[int | None]


def curve(
    *, point: ServicePoint, channel: str, days: Days, buckets: Mapping[date, DayBucket], minutes: int
) -> IntervalSeries:
    """Join days into slots of `minutes`, at the finest scale that occurs; days without a bucket are missing.

    A slot belongs to the period of the calendar by which its day was summed up, which may be an older one than the
    point has today: so the slots of a day always add up to the day. A day without a bucket has the point's calendar.
    Raises UnfitSlotsError where a day's own slots cannot be joined to slots of `minutes`.
    """
    scale = max((bucket.scale for bucket in buckets.values()), default=0)
    codes = dict.fromkeys(calendar(point.calendar).periods)
    values: Column = []
    quality: Column = []
    periods: list[int] = []
    first_slots: list[int] = []
    present = 0
    for day in days:
        first_slots.append(len(values))
        bucket = buckets.get(day)
        if bucket is None:
            none = [None] * slots_in(day, point.zone, minutes)
            values += none
            quality += none
        else:
            present += _join(bucket, minutes, scale, values, quality)
        of_day = calendar(bucket.calendar if bucket else point.calendar)
        indices = periods_of_day(of_day, day=day, minutes=minutes, zone=point.zone)
        if bucket and bucket.calendar != point.calendar:
            codes |= dict.fromkeys(of_day.periods)
            order = [list(codes).index(code) for code in of_day.periods]
            indices = tuple([order[index] for index in indices])
        periods += indices
    return IntervalSeries(
        channel=channel,
        start=day_start(days.start, point.zone),
        minutes=minutes,
        scale=scale,
        values=tuple(values),
        quality=tuple(quality),
        periods=tuple(periods),
        period_codes=tuple(codes),
        days=tuple(days),
        first_slots=tuple(first_slots),
        present=present,
        expected=len(values),
        as_of=max((bucket.as_of for bucket in buckets.values()), default=None),
    )


def _join(bucket: DayBucket, minutes: int, scale: int, values: Column, quality: Column) -> int:
    """Add the slots of a day to both columns; return how many are present."""
    if minutes % bucket.minutes:
        raise UnfitSlotsError(bucket.day, bucket.minutes, minutes)
    energy = bucket.unpacked()
    by, factor = minutes // bucket.minutes, 10 ** (scale - bucket.scale)
    if by == 1 and factor == 1 and MISSING not in energy:
        # Nearly every day: whole, and asked for as it was measured. Nothing is looked at slot by slot.
        values += energy
        quality += [bucket.quality] * len(energy) if isinstance(bucket.quality, int) else bucket.quality
        return len(energy)
    energy, codes = coarsen(energy, unpack_quality(bucket.quality, energy), by=by)
    values += [None if value < 0 else value * factor for value in energy]
    quality += [None if code == MISSING_QUALITY else code for code in codes]
    return len(energy) - energy.count(MISSING)


class UnfitSlotsError(ValueError):
    """Slots were asked for that the measured ones cannot be joined to."""

    def __init__(self, day: date, measured: int, asked: int) -> None:
        super().__init__(f"minutes: {asked} is no multiple of the {measured} minutes measured on {day}")
        self.day, self.measured, self.asked = day, measured, asked
