"""What a tariff file must say, and the tariff made of it."""

from datetime import date
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from gridhall.billing.tariffs.fields import (
    AllowanceTable,
    CycleTable,
    HeatingTable,
    LargeTable,
    PriceTable,
    QuantityTable,
    TierTable,
    check_climb,
)
from gridhall.billing.tariffs.model import Doubt, PeriodPrice, Supply, Tariff, TariffVersion, TierSeason
from gridhall.metering.calendars import UnknownCalendarError, calendar
from gridhall.metering.calendars.datafile import RuleModel
from gridhall.metering.calendars.hours import parse_months
from gridhall.metering.calendars.model import Status
from gridhall.metering.calendars.schema import Code, TitleTable, Words

_POOR = {"weak", "background", "provisional"}
"""What says of a figure that it has no good source."""

Day = Annotated[date, Field(ge=date(1950, 1, 1), lt=date(2100, 1, 1))]
"""Electricity had other prices before, and nobody knows those after; days near the ends of time cannot be reckoned."""


class VersionTable(RuleModel):
    """What the tariff says from one day to another."""

    effective_from: Day
    effective_to: Day | None = None
    status: Status
    source: Words
    note: str = ""
    unsourced: Annotated[list[Literal["first_day", "seasons"]], Field(default_factory=list)]
    calendar: Code
    cycle: CycleTable
    tiers: Annotated[list[TierTable], Field(min_length=1)]
    prices: list[PriceTable]
    quantity: QuantityTable
    large: LargeTable | None = None
    heating: HeatingTable | None = None
    allowance: AllowanceTable | None = None

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
            check_climb(of_months)
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
    def _has_surcharges_of_its_periods(self) -> Self:
        of_households = self.heating.tiers if self.heating else []
        for tier in (*self.tiers, *of_households):
            if unknown := tier.surcharge_of.keys() - set(calendar(self.calendar).periods):
                raise ValueError(f"tiers: surcharge_of: {min(unknown)} is no period of {self.calendar}")
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
                TierSeason(parse_months(months), tuple(tier.tier() for tier in tiers))
                for months, tiers in _by_months(self.tiers).items()
            ),
            prices=tuple(PeriodPrice(one.period, parse_months(one.months), one.price) for one in self.prices),
            quantity=self.quantity.rule(),
            doubts=self._doubts(),
            large=self.large.offer() if self.large else None,
            heating=self.heating.offer() if self.heating else None,
            allowance=self.allowance.offer() if self.allowance else None,
        )

    def _doubts(self) -> tuple[Doubt, ...]:
        found: list[Doubt] = ["prices"] if self.status in _POOR else []
        found += ["hours"] if calendar(self.calendar).status in _POOR else []
        return (*found, *self.unsourced)


def _by_months(tiers: list[TierTable]) -> dict[str, list[TierTable]]:
    seasons: dict[str, list[TierTable]] = {}
    for tier in tiers:
        seasons.setdefault(tier.months, []).append(tier)
    return seasons


class TariffFile(RuleModel):
    """A whole tariff file."""

    code: Code
    region: Code
    title: TitleTable
    supply: Supply = "residential"
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
            supply=self.supply,
            versions=tuple(version.version(self.code) for version in self.versions),
        )
