"""A day of a channel at a service point: what arrives of it, how it is kept, what it amounts to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from gridhall.kit.localdays import DAY_MINUTES, slots_in
from gridhall.metering.histories.keys import day_of, month_of
from gridhall.metering.histories.packing import unpack


@dataclass(slots=True)
class DayPiece:
    """Readings of one day that passed every check and wait to be stored.

    key: day key of point, channel and local day. minutes: length of a slot.
    values: one a slot of the local day, in counts of 10**-scale, MISSING where this piece has none.
    quality: a code a slot, 255 where there is no value.
    calendar: code of the calendar whose periods the totals are split by.
    versions: one a slot, by which `merge` chooses between two values of it; None where all are 0.
    totals: sum a period at `scale`, of a day without a curve whose periods the meter counted itself.
    """

    key: bytes
    minutes: int
    scale: int
    zone: str
    calendar: str
    values: list[int]
    quality: bytearray
    versions: list[int] | None = None
    totals: Mapping[str, int] | None = None


class DayBucket(NamedTuple):
    """A day as it is kept: one document of `usage_days`. A tuple: a frozen dataclass takes three times as long to make.

    revision: 1 when first written, one more at every change. values, quality, versions: see `packing`.
    totals: sum a period of `calendar`, at `scale`. as_of: when it last changed.
    minutes: DAY_MINUTES of a day without a curve: its one value is the energy of the day, its totals came with it.
    """

    key: bytes
    revision: int
    minutes: int
    scale: int
    zone: str
    calendar: str
    values: bytes
    quality: int | bytes
    totals: Mapping[str, int]
    as_of: datetime
    versions: int | bytes = 0

    @property
    def day(self) -> date:
        """The local day."""
        return day_of(self.key)

    @property
    def has_curve(self) -> bool:
        """Whether it tells when in the day the energy flowed."""
        return self.minutes != DAY_MINUTES

    @property
    def slots(self) -> int:
        """How many slots the local day has."""
        return slots_in(self.day, self.zone, self.minutes)

    def unpacked(self) -> list[int]:
        """Return one value a slot, MISSING where there is none."""
        return unpack(self.values, slots=self.slots)


@dataclass(frozen=True, slots=True)
class DayTotals:
    """What a month keeps of a day: the revision it comes from, how complete it is, and its energy a period.

    quality: the worst code of the day. totals: at `scale`.
    """

    revision: int
    scale: int
    present: int
    expected: int
    quality: int
    totals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MonthOfDays:
    """A month of a channel at a point: one document of `usage_months`, maintained day by day.

    days: totals by number of the day, 1 to 31. minutes, zone: those of the day that was written last.
    running: number of a day that still ran when it was entered; since then the day itself knows more.
    """

    key: bytes
    revision: int
    minutes: int
    zone: str
    as_of: datetime
    days: Mapping[int, DayTotals]
    running: int | None = None

    def dated(self) -> dict[date, DayTotals]:
        """Return the days by date."""
        first = month_of(self.key).first
        return {first.replace(day=number): totals for number, totals in self.days.items()}


@dataclass(frozen=True, slots=True)
class Head:
    """How new the usage of a service point is: one document of `usage_heads`.

    revision: raised after every change, so it keys cached answers. last_day: the newest day that has a reading.
    told: revision of each month that this head was raised for, by `told_name`.
    """

    point_id: UUID
    revision: int
    as_of: datetime
    last_day: date
    minutes: int
    zone: str
    told: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MonthChange:
    """Days of a month whose totals have to be written.

    known: the month as it was read, None where there is none. buckets: the days themselves. running: number of the
    day to mark as one that still runs.
    """

    key: bytes
    known: MonthOfDays | None
    days: Mapping[int, DayTotals]
    newest: DayBucket
    buckets: Sequence[DayBucket]
    running: int | None = None


@dataclass(frozen=True, slots=True)
class HeadChange:
    """A point whose usage changed. told: the new revision of its changed months, by `told_name`."""

    point_id: UUID
    newest: DayBucket
    last_day: date
    told: Mapping[str, int]
