"""Rules on the readings that a bill stands on."""

from decimal import Decimal

from gridhall.billing.bills.model import Bill, BillKind, Finding
from gridhall.billing.bills.review.model import SKIPPED, Evidence, Skipped, finding

_NOTHING = Decimal(0)


def readings_incomplete(bill: Bill, evidence: Evidence) -> Finding | None:
    """Every point of the account has every register of the tariff read at both ends, and no day lies between meters.

    A provisional bill has no read at its end, says so, and names what its estimate rests on.
    """
    if bill.kind is BillKind.PROVISIONAL and bill.basis is None:
        return finding("readings_incomplete", basis="none")
    for link in evidence.account.points_in(bill.days):
        rows = [row for row in bill.registers if row.point_id == link.point_id]
        read = {row.period for row in rows}
        if lacking := [period for period in evidence.pricing.periods if period not in read]:
            return finding("readings_incomplete", point=link.point_id, period=lacking[0])
        unread = [row for row in rows if row.opening is None or row.closing is None]
        if unread and bill.kind is BillKind.REGULAR:
            return finding("readings_incomplete", meter=unread[0].meter, period=unread[0].period)
    return None


def opening_differs_from_last_closing(bill: Bill, evidence: Evidence) -> Finding | Skipped | None:
    """What a register showed at the end of the last bill is what it shows at the beginning of this one.

    Otherwise energy between the two would be billed twice, or never.
    """
    last = evidence.previous(bill)
    if last is None or last.days.end != bill.days.start:
        return SKIPPED
    closed = {(row.point_id, row.meter, row.period): row.closing for row in last.registers}
    for row in bill.registers:
        closing = closed.get((row.point_id, row.meter, row.period))
        begins = row.days is None or row.days.start == bill.days.start
        if begins and closing is not None and row.opening is not None and closing != row.opening:
            return finding(
                "opening_differs_from_last_closing",
                meter=row.meter,
                period=row.period,
                closing=closing,
                opening=row.opening,
            )
    return None


def registers_differ_from_curve(bill: Bill, evidence: Evidence) -> Finding | Skipped | None:
    """Registers are the money truth; where a whole curve says otherwise, one of the two is wrong."""
    of_other_days = any(
        row.days and not (bill.days.start <= row.days.start <= row.days.end <= bill.days.end) for row in bill.registers
    )
    if evidence.interval_kwh is None or bill.kind is BillKind.PROVISIONAL or of_other_days:
        return SKIPPED
    for period, kwh in bill.by_period().items():
        curve = evidence.interval_kwh.get(period, _NOTHING)
        if abs(kwh - curve) > evidence.thresholds.sum_tolerance:
            return finding("registers_differ_from_curve", period=period, registers=kwh, curve=curve)
    return None
