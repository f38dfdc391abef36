"""Rules on the figures of a bill alone."""

from gridhall.billing.bills.model import Bill, Finding
from gridhall.billing.bills.recomputing import recomputed
from gridhall.billing.bills.review.model import Evidence, finding


def recomputed_differs(bill: Bill, evidence: Evidence) -> Finding | None:
    """The total, computed a second time by another arithmetic, has to be the same to the fen."""
    again = recomputed(bill, account=evidence.account, pricing=evidence.pricing)
    return None if again == bill.total else finding("recomputed_differs", total=bill.total, again=again)


def lines_do_not_add_up(bill: Bill, evidence: Evidence) -> Finding | None:
    """The lines sum to the total, and the registers to the energy."""
    del evidence
    lines = sum(line.amount for line in bill.lines)
    if lines != bill.total:
        return finding("lines_do_not_add_up", lines=lines, total=bill.total)
    registers = sum(bill.by_period().values())
    return None if registers == bill.kwh else finding("lines_do_not_add_up", registers=registers, kwh=bill.kwh)


def negative_figure(bill: Bill, evidence: Evidence) -> Finding | None:
    """Nobody is billed less than nothing: what was billed too much before is a credit note, with a reason."""
    del evidence
    for row in bill.registers:
        if row.kwh < 0:
            return finding("negative_figure", meter=row.meter, period=row.period, kwh=row.kwh)
    for line in bill.lines:
        if line.kwh < 0:
            return finding("negative_figure", line=line.kind, kwh=line.kwh)
    return finding("negative_figure", total=bill.total) if bill.total < 0 else None
