"""Explaining a bill from its readings to its total, and recomputing it on the way. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.explaining.model import Explanation, Section, Step, text
from gridhall.billing.bills.explaining.pricing import line_steps, price_steps, tier_steps
from gridhall.billing.bills.explaining.readings import reading_steps
from gridhall.billing.bills.model import Bill, BillKind, BillOrigin, BillStatus
from gridhall.billing.bills.pricing import Pricing, pricing_of
from gridhall.billing.bills.recomputing import recomputed
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.kit.money import yuan


def explain(bill: Bill, *, account: Account) -> Explanation:
    """Return everything that was counted for a bill, and whether counting it again comes to the same.

    account: as its contract is known now. A bill whose tariff is not known here (an imported one may have any) is
    explained as far as its own figures go, and its total has no second path.
    """
    version, pricing = _version(bill), _pricing(bill, account)
    whole = pricing is not None and bool(bill.registers) and bill.by_period().keys() == set(pricing.periods)
    again = recomputed(bill, account=account, pricing=pricing) if pricing is not None and whole else None
    steps = [*_bill_steps(bill), *reading_steps(bill, version)]
    if pricing is not None and whole:
        steps += tier_steps(bill, account=account, pricing=pricing)
    steps += [*price_steps(bill, version), *line_steps(bill, version)]
    if again is None:
        steps.append(Step(Section.TOTAL, "not_recomputed"))
    else:
        energy = bill.total - sum(charge.amount for charge in bill.charges)
        same = again == energy
        numbers = {"again": str(yuan(again)), "total": str(yuan(energy))}
        steps.append(Step(Section.TOTAL, "agrees" if same else "differs", numbers, holds=same))
        if bill.charges:
            steps.append(Step(Section.TOTAL, "energy_only"))
    return Explanation(tuple(steps), again, agrees=all(step.holds is not False for step in steps))


def _bill_steps(bill: Bill) -> Iterator[Step]:
    if bill.kind is BillKind.PROVISIONAL and bill.basis is not None:
        basis = bill.basis
        days = {"from": str(basis.days.start), "to": str(basis.days.end)}
        used = sum((kwh for _, kwh in basis.kwh), Decimal(0))
        yield Step(Section.BILL, f"provisional_{basis.method}", {**days, "kwh": text(used)})
    if bill.origin is BillOrigin.IMPORTED:
        yield Step(Section.BILL, "imported", {"number": bill.number})
    if bill.replaces is not None:
        yield Step(Section.BILL, "replaces")
    if bill.status is BillStatus.CANCELLED:
        yield Step(Section.BILL, "cancelled")


def _version(bill: Bill) -> TariffVersion | None:
    try:
        return catalogue.version(bill.tariff_code, on=bill.tariff_from)
    except (catalogue.UnknownTariffError, catalogue.NoVersionInForceError):
        return None


def _pricing(bill: Bill, account: Account) -> Pricing | None:
    """Return how the bill is priced by the account's contract, where that is how it was priced."""
    pricing = pricing_of(account, bill.days)
    if not isinstance(pricing, Pricing) or pricing.version.code != bill.tariff_code:
        return None
    return pricing if pricing.version.effective_from == bill.tariff_from else None
