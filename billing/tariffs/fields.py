"""The tables that a version of a tariff file is made of."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from gridhall.billing.tariffs.model import Cycle, FreeAllowance, HeatingExemption, LargeHousehold, QuantityRule
from gridhall.billing.tariffs.tiers import Tier
from gridhall.kit.quantity import to_scaled
from gridhall.metering.calendars.datafile import RuleModel
from gridhall.metering.calendars.hours import parse_months
from gridhall.metering.calendars.model import Status
from gridhall.metering.calendars.schema import MonthsText, PeriodCode, Words

_PRICE_DECIMALS = 8
_KWH_DECIMALS = 3
_WHOLE_YEAR = "1-12"
_A_LEAP_YEAR, _LAST_DAY_OF_EVERY_MONTH = 2000, 28


def _exact(value: object, *, decimals: int) -> Decimal:
    if not isinstance(value, str):
        raise ValueError('write it as text, like "0.538", so that no digit is lost')  # noqa: TRY004 - pydantic wants it
    if to_scaled(value, scale=decimals) < 0:
        raise ValueError(f"{value} is below zero")
    return Decimal(value)


Price = Annotated[Decimal, BeforeValidator(lambda value: _exact(value, decimals=_PRICE_DECIMALS))]
Energy = Annotated[Decimal, BeforeValidator(lambda value: _exact(value, decimals=_KWH_DECIMALS))]


class CycleTable(RuleModel):
    """Over which time tiers are counted; `starts` is the month and day on which a year begins."""

    every: Literal["year", "month"]
    starts: Annotated[str, Field(pattern=r"^\d\d-\d\d$")] = "01-01"

    @field_validator("starts")
    @classmethod
    def _is_in_every_year(cls, starts: str) -> str:
        try:
            day = date.fromisoformat(f"{_A_LEAP_YEAR}-{starts}").day
        except ValueError:
            raise ValueError(f"{starts!r} is no day of the year; write it like 07-01") from None
        if day > _LAST_DAY_OF_EVERY_MONTH:
            raise ValueError(f"{starts!r}: a cycle starts on the 28th of a month or earlier")
        return starts

    def cycle(self) -> Cycle:
        """Return the cycle."""
        month, day = self.starts.split("-")
        return Cycle(every=self.every, month=int(month), day=int(day))


class TierTable(RuleModel):
    """One tier, of the whole year unless `months` says otherwise; the last of its months has no `upto_kwh`."""

    months: MonthsText = _WHOLE_YEAR
    upto_kwh: Energy | None = None
    surcharge: Price
    surcharge_of: Annotated[dict[PeriodCode, Price], Field(default_factory=dict)]

    def tier(self) -> Tier:
        """Return the tier."""
        return Tier(self.upto_kwh, self.surcharge, tuple(sorted(self.surcharge_of.items())))


class PriceTable(RuleModel):
    """The tier-1 price of a period, the whole year unless `months` says otherwise."""

    period: PeriodCode
    months: MonthsText = _WHOLE_YEAR
    price: Price


class QuantityTable(RuleModel):
    """How metered energy becomes billed energy."""

    step: Annotated[Energy, Field(gt=0)]
    rounding: Literal["down", "half_up"]
    carried: bool

    def rule(self) -> QuantityRule:
        """Return the rule."""
        return QuantityRule(self.step, self.rounding, self.carried)


class LargeTable(RuleModel):
    """What a household of many people gets: kWh a month by which the tiers lie higher."""

    extra_kwh: Annotated[Energy, Field(gt=0)]
    status: Status
    source: Words

    def offer(self) -> LargeHousehold:
        """Return what the tariff offers."""
        return LargeHousehold(self.extra_kwh, self.status, self.source)


class HeatingTable(RuleModel):
    """What a household heated by electricity gets: months of the first tier only, and tiers of the others."""

    months: MonthsText
    tiers: Annotated[list[TierTable], Field(min_length=1)]
    status: Status
    source: Words

    @field_validator("tiers")
    @classmethod
    def _are_of_the_whole_cycle(cls, tiers: list[TierTable]) -> list[TierTable]:
        if any(tier.months != _WHOLE_YEAR for tier in tiers):
            raise ValueError("they have no months; they are of all that count")
        check_climb(tiers)
        return tiers

    def offer(self) -> HeatingExemption:
        """Return what the tariff offers."""
        tiers = tuple(tier.tier() for tier in self.tiers)
        return HeatingExemption(parse_months(self.months), tiers, self.status, self.source)


class AllowanceTable(RuleModel):
    """What a subsidised household gets: kWh a month that are free."""

    kwh: Annotated[Energy, Field(gt=0)]
    status: Status
    source: Words

    def offer(self) -> FreeAllowance:
        """Return what the tariff offers."""
        return FreeAllowance(self.kwh, self.status, self.source)


def check_climb(tiers: list[TierTable]) -> None:
    """Refuse tiers that do not climb from nothing to no end. Raises ValueError that says what is allowed."""
    if tiers[0].surcharge or tiers[0].surcharge_of:
        raise ValueError("the first tier has no surcharge; its price is in `prices`")
    if tiers[-1].upto_kwh is not None:
        raise ValueError("the last tier has no upto_kwh; it never ends")
    floor = Decimal(0)
    for number, tier in enumerate(tiers[:-1], start=1):
        if tier.upto_kwh is None or tier.upto_kwh <= floor:
            raise ValueError(f"tier {number}: upto_kwh must be more than {floor}")
        floor = tier.upto_kwh
