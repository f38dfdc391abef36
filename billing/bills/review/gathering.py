"""What the rules compare with, gathered for a chunk of drafts: what is at hand, and more for the few that stand out.

Last year's curve is read only for a bill that would be held without it: nearly none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.bills.model import Bill
from gridhall.billing.bills.pricing import pricing_of
from gridhall.billing.bills.review.jumps import stands_out
from gridhall.billing.bills.review.model import Evidence, Limits, SameWeeks
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
class EvidenceReader:
    """Where evidence is read."""

    histories: HistoryRepository
    limits: Limits
    zone: str

    async def read(self, drafts: Sequence[Draft]) -> dict[AccountId, Evidence]:
        """Return the evidence of every draft by account: of what is at hand, and read only where bills stand out."""
        found = {draft.account.id: self._at_hand(draft) for draft in drafts}
        odd = [draft for draft in drafts if stands_out(draft.bill, found[draft.account.id])]
        for draft in odd:
            found[draft.account.id] = await self._by_curve(draft, found[draft.account.id])
        return found

    def _at_hand(self, draft: Draft) -> Evidence:
        pricing = pricing_of(draft.account, draft.bill.days)
        if isinstance(pricing, Waiting):
            raise TypeError(f"bill {draft.bill.number} was drafted without a tariff")
        evidence = Evidence(
            account=draft.account,
            version=pricing.version,
            periods=pricing.periods,
            thresholds=self.limits.of(supply_of(pricing.version.code)),
            earlier=draft.earlier,
            interval_kwh=draft.interval_kwh,
        )
        now, before = self._weeks(draft.bill, evidence)
        return replace(
            evidence,
            last_year=of_bills(draft.earlier, now),
            before_last_year=of_bills(draft.earlier, before) if before else None,
        )

    async def _by_curve(self, draft: Draft, evidence: Evidence) -> Evidence:
        """Return the evidence with the days of last year as they were measured, as far as they all were."""
        now, before = self._weeks(draft.bill, evidence)
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

    def _weeks(self, bill: Bill, evidence: Evidence) -> tuple[Days, Days | None]:
        previous = evidence.previous(bill)
        before = a_year_before(previous.days, zone=self.zone) if previous else None
        return a_year_before(bill.days, zone=self.zone), before


def of_bills(bills: Sequence[Bill], days: Days) -> SameWeeks | None:
    """Return what bills say of some days, each day being the mean of its bill; None where most days are in no bill."""
    kwh, covered = _NOTHING, 0
    for bill in bills:
        shared = _shared(bill.days, days)
        kwh += bill.kwh * shared / len(bill.days)
        covered += shared
    return SameWeeks(days, kwh * len(days) / covered, "bills") if 2 * covered > len(days) else None


def _shared(one: Days, other: Days) -> int:
    return max((min(one.end, other.end) - max(one.start, other.start)).days, 0)
