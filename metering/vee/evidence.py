"""Everything that the checks of one day look at, read beforehand; a check itself reads nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.model import DayBucket
from gridhall.metering.histories.packing import MISSING, unpack_quality


@dataclass(frozen=True)
class Curve:
    """The intervals of a day as numbers. values: counts of 10**-scale, MISSING where there is none."""

    minutes: int
    scale: int
    values: Sequence[int]
    quality: Sequence[int]

    @classmethod
    def of(cls, bucket: DayBucket) -> "Curve":
        """Return the intervals of a kept day."""
        values = bucket.unpacked()
        return cls(bucket.minutes, bucket.scale, values, unpack_quality(bucket.quality, values))

    @cached_property
    def present(self) -> int:
        """How many intervals have a value."""
        return len(self.values) - self.values.count(MISSING)

    @property
    def whole(self) -> bool:
        """Whether every interval has a value."""
        return self.present == len(self.values)

    @cached_property
    def total(self) -> Decimal:
        """The energy of the intervals that are there, kWh."""
        return from_scaled(sum(value for value in self.values if value > 0), scale=self.scale)

    def kw(self, value: int) -> Decimal:
        """Return the average power of an interval's energy."""
        return from_scaled(value, scale=self.scale) * 60 / self.minutes


@dataclass(frozen=True, slots=True)
class Past:
    """A day before, as the month keeps it. kwh: of the intervals that are there. estimated: any of it."""

    kwh: Decimal
    whole: bool
    estimated: bool


@dataclass(frozen=True, slots=True)
class Registers:
    """What the counters of both midnights of a day say.

    kwh: their difference times the multiplier, None where they cannot be compared: `lacking` says why.
    resolution: the least difference that they can show, kWh.
    """

    kwh: Decimal | None
    resolution: Decimal = Decimal(0)
    lacking: str | None = None


@dataclass(frozen=True)
class Evidence:
    """A day of a channel at a point, with what came before.

    curve: None where nothing of the day is kept. minutes, multiplier: of the meter as it is registered.
    past: kept days by day, those before among them. last_year: days a lunar year before, only of a day around the
    lunar new year.
    prints: the days lately judged, by the print of their curve.
    """

    day: date
    curve: Curve | None
    slots: int
    minutes: int
    multiplier: int
    registers: Registers
    past: Mapping[date, Past] = field(default_factory=dict)
    last_year: Mapping[date, Past] = field(default_factory=dict)
    prints: Mapping[bytes, date] = field(default_factory=dict)
    print: bytes = b""
