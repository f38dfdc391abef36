"""The outlook of an account: what it will have used, what that will cost, and when the next tier comes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.standing import BilledReader, TierStanding, tier_standing
from gridhall.billing.forecasts.balance import balance_ahead
from gridhall.billing.forecasts.bill import forecast_bill
from gridhall.billing.forecasts.model import BalanceAhead, Forecast, NoForecast, TierAhead, Unpriced, UsedSoFar
from gridhall.billing.forecasts.tier import tier_ahead
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.households import counts, kinds_on
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.kit.localdays import Days, Month
from gridhall.metering.histories.queries import MonthReader
from gridhall.metering.load.expectation import Expectation, expect
from gridhall.metering.load.model import TooLittle
from gridhall.metering.load.projection import project
from gridhall.metering.load.queries import DailyUse, daily_use
from gridhall.metering.points.model import ServicePoint


class PointReader(Protocol):
    """Where service points are read."""

    async def by_ids(self, ids: Collection[UUID]) -> Mapping[UUID, ServicePoint]:
        """Return those of the points that exist, by id."""


@dataclass(frozen=True, slots=True)
class Outlooks:
    """Where outlooks are read from."""

    points: PointReader
    histories: MonthReader
    bills: BilledReader


async def forecast_for(*, outlooks: Outlooks, account: Account, today: date) -> Forecast | NoForecast:
    """Return the outlook of the billing period in which `today` lies. Nothing in it is a bill."""
    month = running_month(account, today)
    days = account.period(month)
    links = account.points_in(Days(today, today + timedelta(days=1)))
    points = await outlooks.points.by_ids([link.point_id for link in links]) if links else {}
    if not points:
        return NoForecast(month, Unpriced.NO_SERVICE_POINT)
    since = max(link.from_day for link in links)
    daily = await daily_use(points=list(points.values()), today=today, histories=outlooks.histories, since=since)
    expectation = expect(daily.used, today=today, zone=daily.zone)
    if isinstance(expectation, TooLittle):
        return NoForecast(month, expectation)
    projection = project(expectation, used=daily.used, days=days, scale=daily.scale)
    tier = _tier(account, await _standing(outlooks, account, today), expectation, daily.scale)
    version = _version(account, days)
    so_far = version if isinstance(version, Unpriced) else await _so_far(outlooks, account, days, version, daily)
    if isinstance(version, Unpriced) or isinstance(so_far, Unpriced):
        unpriced = version if isinstance(version, Unpriced) else Unpriced.PERIODS_DIFFER
        return Forecast(month, today, projection, None, unpriced, tier, None, daily.as_of)
    balance: BalanceAhead | None = None
    if account.balance.prepaid:
        balance = balance_ahead(
            expectation,
            prepaid=account.balance.prepaid,
            so_far=so_far,
            version=version,
            on_month=month,
            scale=daily.scale,
            terms=account.terms,
        )
    bill = forecast_bill(projection, so_far=so_far, version=version, on_month=month, terms=account.terms)
    return Forecast(month, today, projection, bill, None, tier, balance, daily.as_of)


def _tier(account: Account, standing: TierStanding | None, expectation: Expectation, scale: int) -> TierAhead | None:
    if standing is None:
        return None
    kinds = kinds_on(standing.version, terms=account.terms, day=expectation.today)
    return tier_ahead(
        expectation,
        tiers=standing.tiers,
        used=standing.position.used,
        cycle=standing.cycle,
        scale=scale,
        uncounted=[month for month in range(1, 13) if not counts(standing.version, kinds=kinds, month=month)],
    )


def running_month(account: Account, today: date) -> Month:
    """Return the label of the billing period in which a day lies."""
    month = Month.of(today)
    return month if today.day >= account.read_day else month.shift(-1)


async def _standing(outlooks: Outlooks, account: Account, on: date) -> TierStanding | None:
    return await tier_standing(account=account, bills=outlooks.bills, histories=outlooks.histories, today=on)


def _version(account: Account, days: Days) -> TariffVersion | Unpriced:
    link = account.tariff_in(days)
    if link is None:
        return Unpriced.NO_SINGLE_TARIFF
    try:
        return catalogue.version(link.code, on=days.start)
    except (catalogue.UnknownTariffError, catalogue.NoVersionInForceError):
        return Unpriced.NO_TARIFF_VERSION


async def _so_far(
    outlooks: Outlooks, account: Account, days: Days, version: TariffVersion, daily: DailyUse
) -> UsedSoFar | Unpriced:
    # Where the period before is not billed yet, its use by the curve comes before this one in the tiers all the same.
    before = await _standing(outlooks, account, days.start)
    measured = by_periods(daily.measured(Days(days.start, max(days.start, daily.today))), version.periods)
    lately = by_periods(daily.lately(), version.periods)
    if before is None or measured is None or lately is None:
        return Unpriced.PERIODS_DIFFER
    total = sum(lately.values(), Decimal(0))
    even = Decimal(1) / len(lately)
    shares = {period: kwh / total if total else even for period, kwh in lately.items()}
    return UsedSoFar(before=before.position.used, measured=measured, shares=shares)


def by_periods(kwh: Mapping[str, Decimal], periods: Sequence[str]) -> dict[str, Decimal] | None:
    """Return metered kWh for the periods of a tariff, all of them as `total` for a flat one; None where they differ."""
    if tuple(periods) == ("total",):
        return {"total": sum(kwh.values(), Decimal(0))}
    if not kwh.keys() <= set(periods):
        return None
    return {period: kwh.get(period, Decimal(0)) for period in periods}
