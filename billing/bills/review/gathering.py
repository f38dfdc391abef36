"""The review of a chunk of drafts: by what is at hand, and for the few that stand out by more.

Last year's curve is read only for a bill that would be held without it: nearly none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bills.model import Bill
from gridhall.billing.bills.pricing import pricing_of
from gridhall.billing.bills.review.jumps import OF_USE
from gridhall.billing.bills.review.model import Evidence, Limits, SameWeeks, previous_of
from gridhall.billing.bills.review.rules import Reviewed, review
from gridhall.billing.tariffs.catalogue import supply_of
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Days
from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.queries import period_totals
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.load.years import a_year_before

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that is to be reviewed, with what is at hand of its account.

    earlier: bills that count, in order. interval_kwh: by the curve, None where it has gaps.
    """

    bill: Bill
    account: Account
    earlier: Sequence[Bill]
    interval_kwh: Mapping[str, Decimal] | None


@dataclass(frozen=True, slots=True)
class Reviewing:
    """What reviewing needs at hand: where last year's curves are read, and the thresholds."""

    histories: HistoryRepository
    limits: Limits
    zone: str

    async def review(self, drafts: Sequence[Draft]) -> dict[AccountId, Reviewed]:
        """Return what the rules say of every draft, by account."""
        found: dict[AccountId, Reviewed] = {}
        for draft in drafts:
            evidence = self._at_hand(draft)
            reviewed = review(draft.bill, evidence)
            if any(one.code in OF_USE for one in reviewed.findings):
                reviewed = review(draft.bill, await self._by_curve(draft, evidence))
            found[draft.account.id] = reviewed
        return found

    def _at_hand(self, draft: Draft) -> Evidence:
        pricing = pricing_of(draft.account, draft.bill.days)
        if isinstance(pricing, Waiting):
            raise TypeError(f"bill {draft.bill.number} was drafted without a tariff")
        now, before = self._weeks(draft)
        return Evidence(
            account=draft.account,
            pricing=pricing,
            thresholds=self.limits.of(supply_of(pricing.version.code)),
            earlier=draft.earlier,
            interval_kwh=draft.interval_kwh,
            last_year=of_bills(draft.earlier, now),
            before_last_year=of_bills(draft.earlier, before) if before else None,
        )

    async def _by_curve(self, draft: Draft, evidence: Evidence) -> Evidence:
        """Return the evidence with the days of last year as they were measured, as far as they all were."""
        now, before = self._weeks(draft)
        return replace(
            evidence,
            last_year=await self._measured(draft, now) or evidence.last_year,
            before_last_year=(await self._measured(draft, before) if before else None) or evidence.before_last_year,
        )

    async def _measured(self, draft: Draft, days: Days) -> SameWeeks | None:
        point_ids = {row.point_id for row in draft.bill.registers}
        totals = await period_totals(point_ids=point_ids, days=days, histories=self.histories)
        if totals.keys() != point_ids or any(one.days < len(days) for one in totals.values()):
            return None
        kwh = sum((from_scaled(one.total, scale=one.scale) for one in totals.values()), _NOTHING)
        return SameWeeks(days, kwh, "curve")

    def _weeks(self, draft: Draft) -> tuple[Days, Days | None]:
        previous = previous_of(draft.bill, draft.earlier)
        before = a_year_before(previous.days, zone=self.zone) if previous else None
        return a_year_before(draft.bill.days, zone=self.zone), before


def of_bills(bills: Sequence[Bill], days: Days) -> SameWeeks | None:
    """Return what bills say of some days, each day being the mean of its bill; None where most days are in no bill."""
    kwh, covered = _NOTHING, 0
    for bill in bills:
        if shared := _shared(bill.days, days):
            kwh += bill.kwh * shared / len(bill.days)
            covered += shared
    return SameWeeks(days, kwh * len(days) / covered, "bills") if 2 * covered > len(days) else None


def _shared(one: Days, other: Days) -> int:
    return max((min(one.end, other.end) - max(one.start, other.start)).days, 0)
