"""Where an account stands in the tiers of its cycle: what was billed, and what was used since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bills.model import Billed
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.cycle import TierPosition, cycle_days, position
from gridhall.billing.tariffs.households import Kinds, counts, kinds_on, tiers_of
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.tiers import Tier
from gridhall.kit.localdays import Days, Month
from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.queries import MonthReader, period_totals
from gridhall.metering.histories.ranges import months_of, overlap

_LONGEST_CYCLE_MONTHS = 12


@dataclass(frozen=True, slots=True)
class TierStanding:
    """An account's place in its tier cycle.

    billed: kWh of the cycle on bills. unbilled: kWh of the curve from the last bill (or the cycle's beginning) to
    today, which the next bill will confirm by registers; what does not count to the tiers is in neither.
    tiers: of the cycle, for what the household is today.
    """

    version: TariffVersion
    cycle: Days
    billed: Decimal
    unbilled: Decimal
    position: TierPosition
    tiers: tuple[Tier, ...]


class BilledReader(Protocol):
    """Where is read what was billed: the repository, or what joins the reads of many requests."""

    async def billed(self, account_ids: Iterable[AccountId], *, month: Month) -> Mapping[AccountId, Sequence[Billed]]:
        """Return what was billed to accounts for a month and later; rejected bills are left out."""


async def tier_standing(
    *, account: Account, bills: BilledReader, histories: MonthReader, today: date
) -> TierStanding | None:
    """Return where an account stands today; None where it has no single tariff today."""
    link = account.tariff_in(Days(today, today + timedelta(days=1)))
    if link is None:
        return None
    version = catalogue.version(link.code, on=today)
    cycle = cycle_days(version.cycle, on=today)
    known = await bills.billed([account.id], month=Month.of(today).shift(-_LONGEST_CYCLE_MONTHS))
    billed, until = _billed(account, cycle, known[account.id])
    kinds = kinds_on(version, terms=account.terms, day=today)
    tiers = tiers_of(version, kinds=kinds, terms=account.terms, day=today, month=today.month)
    since = Days(until, max(until, today))
    point_ids = [link.point_id for link in account.points_in(since)]
    unbilled = Decimal(0)
    for days in _counted(since, version, kinds):
        totals = await period_totals(point_ids=point_ids, days=days, histories=histories)
        unbilled += sum((from_scaled(one.total, scale=one.scale) for one in totals.values()), Decimal(0))
    return TierStanding(
        version=version,
        cycle=cycle,
        billed=billed,
        unbilled=unbilled,
        position=position(tiers, used_in_cycle=billed + unbilled),
        tiers=tiers,
    )


def _counted(days: Days, version: TariffVersion, kinds: Kinds) -> Sequence[Days]:
    """Return those of the days whose energy counts to the tiers: nearly always all of them."""
    if "heating_exempt" not in kinds:
        return [days]
    months = [overlap(days, month.days) for month in months_of(days)]
    return [one for one in months if counts(version, kinds=kinds, month=one.start.month)]


def _billed(account: Account, cycle: Days, bills: Sequence[Billed]) -> tuple[Decimal, date]:
    """Return the kWh of the cycle that were billed or carried, and the day up to which they reach."""
    in_cycle = [bill for bill in bills if bill.days.start in cycle]
    carried = Decimal(account.carried_kwh) if account.kept_since in cycle else Decimal(0)
    kept = max(cycle.start, account.kept_since)
    # A period that crossed the cycle's beginning belongs to the cycle before, with all its days.
    until = max([kept, *(bill.days.end for bill in bills)])
    return sum((bill.kwh for bill in in_cycle), carried), until
