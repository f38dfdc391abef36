"""What a tariff file must say, and the tariff made of it."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from gridhall.billing.tariffs.model import Cycle, PeriodPrice, QuantityRule, Tariff, TariffVersion, TierSeason
from gridhall.billing.tariffs.tiers import Tier
from gridhall.kit.quantity import to_scaled
from gridhall.metering.calendars import UnknownCalendarError, calendar
from gridhall.metering.calendars.datafile import RuleModel
from gridhall.metering.calendars.hours import parse_months
from gridhall.metering.calendars.model import Status
from gridhall.metering.calendars.schema import Code, MonthsText, PeriodCode, TitleTable, Words

_PRICE_DECIMALS = 8
_KWH_DECIMALS = 3
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

    months: MonthsText = "1-12"
    upto_kwh: Energy | None = None
    surcharge: Price


class PriceTable(RuleModel):
    """The tier-1 price of a period, the whole year unless `months` says otherwise."""

    period: PeriodCode
    months: MonthsText = "1-12"
    price: Price


class QuantityTable(RuleModel):
    """How metered energy becomes billed energy."""

    step: Annotated[Energy, Field(gt=0)]
    rounding: Literal["down", "half_up"]
    carried: bool


class VersionTable(RuleModel):
    """What the tariff says from one day to another."""

    effective_from: date
    effective_to: date | None = None
    status: Status
    source: Words
    note: str = ""
    calendar: Code
    cycle: CycleTable
    tiers: Annotated[list[TierTable], Field(min_length=1)]
    prices: list[PriceTable]
    quantity: QuantityTable

    @field_validator("calendar")
    @classmethod
    def _is_known(cls, code: str) -> str:
        try:
            return calendar(code).code
        except UnknownCalendarError as error:
            raise ValueError(str(error)) from None

    @field_validator("tiers")
    @classmethod
    def _climb(cls, tiers: list[TierTable]) -> list[TierTable]:
        for of_months in _by_months(tiers).values():
            _check_climb(of_months)
        return tiers

    @field_validator("tiers")
    @classmethod
    def _cover_every_month_once(cls, tiers: list[TierTable]) -> list[TierTable]:
        found = [month for months in _by_months(tiers) for month in parse_months(months)]
        for month in range(1, 13):
            if (times := found.count(month)) != 1:
                raise ValueError(f"month {month} has {times} sets of tiers; it must have one")
        return tiers

    @model_validator(mode="after")
    def _has_one_set_of_tiers_a_cycle(self) -> Self:
        if self.cycle.every == "year" and len(_by_months(self.tiers)) > 1:
            raise ValueError("tiers: they may differ by months only where the cycle is a month")
        return self

    @model_validator(mode="after")
    def _prices_every_period_in_every_month(self) -> Self:
        periods = calendar(self.calendar).periods
        found = [(price.period, month) for price in self.prices for month in parse_months(price.months)]
        if unknown := {period for period, _ in found} - set(periods):
            raise ValueError(f"prices: {min(unknown)} is no period of {self.calendar}, which has {', '.join(periods)}")
        for period in periods:
            for month in range(1, 13):
                if (times := found.count((period, month))) != 1:
                    raise ValueError(f"prices: {period} has {times} prices in month {month}; it must have one")
        return self

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.effective_to is not None and self.effective_to <= self.effective_from:
            raise ValueError(f"effective_to: must be later than {self.effective_from}")
        return self

    def version(self, code: str) -> TariffVersion:
        """Return the version of the tariff of this code."""
        return TariffVersion(
            code=code,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            status=self.status,
            source=self.source,
            note=self.note,
            calendar=self.calendar,
            periods=calendar(self.calendar).periods,
            cycle=self.cycle.cycle(),
            seasons=tuple(
                TierSeason(
                    parse_months(months),
                    tuple(Tier(upto_kwh=tier.upto_kwh, surcharge=tier.surcharge) for tier in tiers),
                )
                for months, tiers in _by_months(self.tiers).items()
            ),
            prices=tuple(PeriodPrice(one.period, parse_months(one.months), one.price) for one in self.prices),
            quantity=QuantityRule(self.quantity.step, self.quantity.rounding, self.quantity.carried),
        )


def _by_months(tiers: list[TierTable]) -> dict[str, list[TierTable]]:
    seasons: dict[str, list[TierTable]] = {}
    for tier in tiers:
        seasons.setdefault(tier.months, []).append(tier)
    return seasons


def _check_climb(tiers: list[TierTable]) -> None:
    if tiers[0].surcharge:
        raise ValueError("the first tier has no surcharge; its price is in `prices`")
    if tiers[-1].upto_kwh is not None:
        raise ValueError("the last tier has no upto_kwh; it never ends")
    floor = Decimal(0)
    for number, tier in enumerate(tiers[:-1], start=1):
        if tier.upto_kwh is None or tier.upto_kwh <= floor:
            raise ValueError(f"tier {number}: upto_kwh must be more than {floor}")
        floor = tier.upto_kwh


class TariffFile(RuleModel):
    """A whole tariff file."""

    code: Code
    region: Code
    title: TitleTable
    versions: Annotated[list[VersionTable], Field(min_length=1)]

    @field_validator("versions")
    @classmethod
    def _follow_each_other(cls, versions: list[VersionTable]) -> list[VersionTable]:
        for number, (earlier, later) in enumerate(pairwise(versions), start=2):
            if earlier.effective_to is None or later.effective_from < earlier.effective_to:
                raise ValueError(f"version {number}: effective_from lies before the end of the version above it")
        return versions

    def tariff(self) -> Tariff:
        """Return the tariff that the file describes."""
        return Tariff(
            code=self.code,
            region=self.region,
            title=self.title.title(),
            versions=tuple(version.version(self.code) for version in self.versions),
        )
