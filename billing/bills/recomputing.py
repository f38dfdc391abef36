"""What a bill costs by the second path, from its register rows alone. Pure."""

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.model import Bill
from gridhall.billing.bills.pricing import Pricing, drawn
from gridhall.billing.tariffs.recompute import recompute
from gridhall.billing.tariffs.recompute_period import recompute_period
from gridhall.kit.money import Fen


def recomputed(bill: Bill, *, account: Account, pricing: Pricing) -> Fen | None:
    """Return the total of a bill, found without the engine that made it; None where it has not the registers for it.

    account, pricing: as its contract is known now; the versions of a tariff never change, but what an account is billed
    by may.
    """
    used = bill.by_period()
    if used.keys() != set(pricing.periods):
        return None
    if not pricing.changes:
        return recompute(pricing.version, on_month=bill.month, used=used, used_before=bill.used_before)
    return recompute_period(
        tariffs=account.tariffs,
        terms=account.terms,
        days=bill.days,
        month=bill.month,
        used=drawn(bill.registers, days=bill.days),
        used_before=bill.used_before,
    )
