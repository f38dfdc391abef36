"""Rules on the contract: the tariff of these days, the tiers so far, and that no day is billed twice."""

from datetime import date, timedelta
from decimal import Decimal

from gridhall.billing.bills.model import Bill, Finding
from gridhall.billing.bills.review.model import Evidence, finding
from gridhall.billing.tariffs.cycle import cycle_days


def tariff_not_in_force(bill: Bill, evidence: Evidence) -> Finding | None:
    """The version of the first day is the account's and in force; to the last day, where no line says other days."""
    account, version = evidence.account, evidence.pricing.version
    holding = [one.code for one in account.tariffs if _holds(one.from_day, one.to_day, bill.days.start)]
    if holding != [bill.tariff_code]:
        return finding("tariff_not_in_force", billed=bill.tariff_code, contract=" ".join(holding) or "none")
    if not version.in_force(bill.days.start) or version.effective_from != bill.tariff_from:
        return finding("tariff_not_in_force", version=version.id, day=bill.days.start)
    whole = version.in_force(bill.days.end - timedelta(days=1))
    if not whole and all(line.days is None for line in bill.lines):
        return finding("tariff_not_in_force", version=version.id, day=bill.days.end - timedelta(days=1))
    return None


def tiers_not_continued(bill: Bill, evidence: Evidence) -> Finding | None:
    """What was used before in the tier cycle is what the bills before say, and what others had billed."""
    cycle = cycle_days(evidence.pricing.version.cycle, on=bill.days.start)
    account = evidence.account
    bills = [one for one in evidence.earlier if cycle.start <= one.days.start < bill.days.start]
    billed = sum((one.counted_kwh for one in bills), Decimal(0))
    carried = Decimal(account.carried_kwh) if account.kept_since in cycle else Decimal(0)
    if bill.used_before == billed + carried:
        return None
    return finding("tiers_not_continued", before=bill.used_before, bills=billed, carried=carried)


def period_billed_twice(bill: Bill, evidence: Evidence) -> Finding | None:
    """No day lies in two bills, and no month has two."""
    for other in evidence.earlier:
        shared = min(bill.days.end, other.days.end) - max(bill.days.start, other.days.start)
        if shared > timedelta(0) or other.month == bill.month:
            return finding("period_billed_twice", other=other.number, days=max(shared.days, 0))
    return None


def _holds(first: date, end: date | None, day: date) -> bool:
    return first <= day and (end is None or day < end)
