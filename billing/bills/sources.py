"""Reads everything that a chunk of bills is made from, in a fixed number of round trips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bills.drafting import Sources
from gridhall.billing.bills.repository import BillRepository
from gridhall.kit.localdays import Month
from gridhall.metering.histories.queries import period_totals
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.registers.repository import RegisterRepository

_LONGEST_CYCLE_MONTHS = 12

Curves = Mapping[AccountId, Mapping[str, Decimal]]
"""Energy of each period by the interval curve, for the accounts whose curves have no gap."""


@dataclass(frozen=True, slots=True)
class SourceReader:
    """Where the sources of bills are read."""

    points: PointRepository
    registers: RegisterRepository
    histories: HistoryRepository
    bills: BillRepository

    async def read(self, *, accounts: Sequence[Account], month: Month) -> tuple[Sources, Curves]:
        """Return the sources of the accounts' bills, and the curves that the review compares them with."""
        periods = {account.id: account.period(month) for account in accounts}
        point_ids = {link.point_id for account in accounts for link in account.points_in(periods[account.id])}
        ends = {day for days in periods.values() for day in (days.start, days.end)}
        sources = Sources(
            points=await self.points.by_ids(point_ids),
            reads=await self.registers.reads_at(point_ids=point_ids, days=ends),
            earlier=await self.bills.since(periods, month=month.shift(-_LONGEST_CYCLE_MONTHS)),
        )
        return sources, await self._curves(accounts, month)

    async def _curves(self, accounts: Sequence[Account], month: Month) -> Curves:
        curves: dict[AccountId, dict[str, Decimal]] = {}
        for days in {account.period(month) for account in accounts}:
            group = [account for account in accounts if account.period(month) == days]
            wanted = {link.point_id for account in group for link in account.points_in(days)}
            totals = await period_totals(self.histories, point_ids=wanted, days=days)
            for account in group:
                found = [totals.get(link.point_id) for link in account.points_in(days)]
                if not found or any(one is None or one.present < one.expected for one in found):
                    continue
                sums: dict[str, Decimal] = {}
                for one in found:
                    for period, kwh in one.kwh.items() if one else ():
                        sums[period] = sums.get(period, Decimal(0)) + kwh
                curves[account.id] = sums
        return curves
