"""What a curve tells of a household, with how much of it was there to tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from gridhall.kit.localdays import Days


class Reason(StrEnum):
    """Why there is no figure."""

    NOTHING_MEASURED = "nothing_measured"
    FEW_WHOLE_DAYS = "few_whole_days"
    NOTHING_USED = "nothing_used"
    FEW_HOMES = "few_homes"
    """Too few similar homes, or their month is not counted yet."""
    NOT_COMPARED = "not_compared"


@dataclass(frozen=True, slots=True)
class TooLittle:
    """No figure, and why. whole: days without a gap that were there; needed: how many it takes."""

    reason: Reason
    whole: int = 0
    needed: int = 0


@dataclass(frozen=True, slots=True)
class BaseLoad:
    """What is drawn when nobody does anything.

    kw: the power. share: of all energy, 0 to 1. by_period: its kWh in each period over the whole days.
    standby_hours: hours of a mean day at which hardly more than this is drawn.
    """

    kw: Decimal
    share: Decimal
    by_period: Mapping[str, Decimal]
    standby_hours: Decimal


@dataclass(frozen=True, slots=True)
class Peak:
    """The hour of the day that draws most. minute: its local start, in minutes since midnight. kw: its mean power."""

    minute: int
    kw: Decimal


@dataclass(frozen=True, slots=True)
class Highest:
    """The slot of all that drew most. at: its start."""

    at: datetime
    kw: Decimal


@dataclass(frozen=True, slots=True)
class Profile:
    """The typical day of one kind: a value a slot of the clock, in counts of 10**-scale of the curve.

    days: how many days it is made of. mean_kwh: energy of one.
    """

    days: int
    mean_kwh: Decimal
    median: tuple[int, ...]
    lower: tuple[int, ...]
    upper: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PeriodShare:
    """The energy of a period over the whole days, and its share of all."""

    code: str
    kwh: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class DayUse:
    """A day and its energy in kWh."""

    day: date
    kwh: Decimal


@dataclass(frozen=True, slots=True)
class LoadAnalysis:
    """What the whole days of a curve tell; days with a gap are left out of every figure.

    whole: how many whole days. coverage: share of the slots of all `days` that are there. kwh: of the whole days.
    working, off: None where there are fewer than three such days. morning, evening: on working days if there are
    some. load_factor: mean power by the highest. largest: up to three days, the largest first.
    """

    days: Days
    whole: int
    coverage: Decimal
    as_of: datetime | None
    minutes: int
    scale: int
    kwh: Decimal
    base: BaseLoad
    morning: Peak
    evening: Peak
    highest: Highest
    load_factor: Decimal
    periods: tuple[PeriodShare, ...]
    working: Profile | None
    off: Profile | None
    largest: tuple[DayUse, ...] = field(default=())

    @property
    def mean_kwh(self) -> Decimal:
        """The energy of a mean day."""
        return (self.kwh / self.whole).quantize(Decimal("0.001"))
