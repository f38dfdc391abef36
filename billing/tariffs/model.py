"""Tariffs as versioned data: what a household pays a kWh, when, and how sure we are of it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from gridhall.billing.tariffs.tiers import Tier
from gridhall.metering.calendars.model import Status, Title

Supply = Literal["residential", "shared_meter", "commercial"]
"""Who is supplied by it: one household, several behind one meter (合表), or a small business."""

Doubt = Literal["prices", "hours", "first_day", "seasons"]
"""What of a version has no good source: it is weak, from memory, a placeholder or unknown."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """The time over which tiers are counted: a year from `month`-`day`, or a calendar month."""

    every: Literal["year", "month"]
    month: int = 1
    day: int = 1


@dataclass(frozen=True, slots=True)
class QuantityRule:
    """How metered energy becomes billed energy.

    step: kWh of which billed energy is a multiple.
    rounding: `down` as a register shows it, or `half_up`.
    carried: whether what rounding left out is billed in the next period.
    """

    step: Decimal
    rounding: Literal["down", "half_up"]
    carried: bool


@dataclass(frozen=True, slots=True)
class PeriodPrice:
    """The tier-1 price of a period of use in some months (1 to 12), in yuan/kWh with up to 8 decimals."""

    period: str
    months: frozenset[int]
    price: Decimal


@dataclass(frozen=True, slots=True)
class TierSeason:
    """The tiers of some months (1 to 12). Where a cycle is a year there is one season, which is all of it."""

    months: frozenset[int]
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class LargeHousehold:
    """A household of many people: every tier's border lies `extra_kwh` a month of the cycle higher."""

    extra_kwh: Decimal
    status: Status
    source: str


@dataclass(frozen=True, slots=True)
class HeatingExemption:
    """A household heated by electricity: in `months` all is of the first tier and does not count to the tiers.

    tiers: of the months that do count.
    """

    months: frozenset[int]
    tiers: tuple[Tier, ...]
    status: Status
    source: str


@dataclass(frozen=True, slots=True)
class FreeAllowance:
    """A subsidised household: its first `kwh` of a month are free."""

    kwh: Decimal
    status: Status
    source: str


@dataclass(frozen=True, slots=True)
class TariffVersion:
    """What a tariff said from one day to another. It is never changed: a bill names the version it used.

    effective_from, effective_to: local days, the first included and the last not; None means still in force.
    calendar: code of the time-of-use calendar whose periods have prices here, which are `periods`, in its order.
    status, source: how sure the figures are and where they come from; `note` says what is unknown.
    doubts: what of it has no good source; while there is any, the version is provisional wherever it shows.
    large, heating, allowance: what it offers to such households, None where it is not known to offer anything.
    """

    code: str
    effective_from: date
    effective_to: date | None
    status: Status
    source: str
    note: str
    calendar: str
    periods: tuple[str, ...]
    cycle: Cycle
    seasons: tuple[TierSeason, ...]
    prices: tuple[PeriodPrice, ...]
    quantity: QuantityRule
    doubts: tuple[Doubt, ...] = ()
    large: LargeHousehold | None = None
    heating: HeatingExemption | None = None
    allowance: FreeAllowance | None = None

    @property
    def provisional(self) -> bool:
        """Whether prices, hours or dates have no good source."""
        return bool(self.doubts)

    @property
    def id(self) -> str:
        """The name under which a bill keeps this version, like `zhejiang-residential@2021-01-01`."""
        return f"{self.code}@{self.effective_from}"

    def price(self, period: str, *, month: int) -> Decimal:
        """Return the tier-1 price of a period in a month (1 to 12); the loader has seen to it that there is one."""
        return next(one.price for one in self.prices if one.period == period and month in one.months)

    def tiers_in(self, month: int) -> tuple[Tier, ...]:
        """Return the tiers of a month (1 to 12); the loader has seen to it that there are some."""
        return next(season.tiers for season in self.seasons if month in season.months)

    def in_force(self, on: date) -> bool:
        """Return whether the version holds on a local day."""
        return self.effective_from <= on and (self.effective_to is None or on < self.effective_to)


@dataclass(frozen=True, slots=True)
class Tariff:
    """A tariff of a region with all its versions, oldest first. supply: a customer may choose among those of one."""

    code: str
    region: str
    title: Title
    supply: Supply
    versions: tuple[TariffVersion, ...]
