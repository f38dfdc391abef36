"""What a cashier does: open a shift, take cash, pay refunds out, count what is there and hand it over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gridhall.billing.accounts.model import Account
from gridhall.billing.cases.model import CaseKind, case_of
from gridhall.billing.cases.operations import Cases, open_cases
from gridhall.billing.counter.model import (
    Receipt,
    ReceiptNumber,
    Shift,
    ShiftId,
    ShiftState,
    shift_id,
    worth,
)
from gridhall.billing.counter.repository import ReceiptRepository, ShiftOpenError, ShiftRepository
from gridhall.billing.ledger import postings
from gridhall.billing.ledger.model import Book
from gridhall.billing.ledger.operations import post
from gridhall.billing.payments.model import PaymentReceived
from gridhall.billing.payments.operations import settle_in
from gridhall.billing.payments.till import Payments
from gridhall.billing.refunds.model import RefundNumber, Way
from gridhall.billing.refunds.operations import Refunds, pay_out
from gridhall.kit.localdays import local_day
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction

PROVIDER: Final = "counter"
"""The name under which cash is received."""


@dataclass(frozen=True, slots=True)
class Counter:
    """What the counter needs at hand. zone: of the days that receipts bear."""

    payments: Payments
    refunds: Refunds
    cases: Cases
    shifts: ShiftRepository
    receipts: ReceiptRepository
    zone: str


@dataclass(frozen=True, slots=True)
class NoShift:
    """The cashier has no open shift."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The cash is in the till and posted."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class KeyUsed:
    """The key was used in this shift before, for other cash."""

    receipt: Receipt


async def open_shift(
    *, counter: Counter, cashier: str, region: str, org_path: str, float_fen: Fen, key: str, now: datetime
) -> Shift:
    """Open a cashier's shift; where one is open that one is returned. Idempotent by cashier and key."""
    shift = Shift(shift_id(cashier=cashier, key=key), cashier, region, org_path, now, float_fen)
    try:
        await counter.shifts.add(shift)
    except ShiftOpenError:
        known = await counter.shifts.open_of(cashier) or (await counter.shifts.load([shift.id])).get(shift.id)
        if known is not None:
            return known
        raise
    return shift


async def take_cash(
    *, counter: Counter, cashier: str, account: Account, amount: Fen, key: str, now: datetime
) -> Taken | KeyUsed | NoShift:
    """Take cash for an account and write its receipt; the money is settled as every other, in the same transaction.

    Idempotent by shift and key.
    """

    async def work(transaction: Transaction) -> Taken | KeyUsed | NoShift:
        shift = await counter.shifts.open_of(cashier, transaction=transaction)
        if shift is None:
            return NoShift()
        known = await counter.receipts.keyed(shift.id, key, transaction=transaction)
        if known is not None:
            return Taken(known) if (known.account_id, known.amount) == (account.id, amount) else KeyUsed(known)
        number = _number(shift, local_day(now, counter.zone).strftime("%Y%m%d"))
        payment = PaymentReceived.for_account(PROVIDER, number, account.id, amount, now)
        settled = await settle_in(
            payments=counter.payments, payment=payment, cash=Book.CASH_COUNTER, now=now, transaction=transaction
        )
        receipt = Receipt(
            number=number,
            shift_id=shift.id,
            key=key,
            account_id=account.id,
            amount=amount,
            cashier=cashier,
            taken_at=now,
            to_bills=settled.to_bills,
            to_penalties=settled.to_penalties,
            to_prepaid=settled.to_prepaid,
        )
        await counter.receipts.add(receipt, transaction=transaction)
        after = replace(shift, taken=Fen(shift.taken + amount), receipts=shift.receipts + 1)
        await counter.shifts.put(after, transaction=transaction)
        return Taken(receipt)

    return await counter.payments.mongo.transact(work)


async def pay_refund(*, counter: Counter, cashier: str, number: RefundNumber, now: datetime) -> Fen | NoShift | None:
    """Pay an approved cash refund out of the till; return how much, or None where there is none to pay out."""

    async def work(transaction: Transaction) -> Fen | NoShift | None:
        shift = await counter.shifts.open_of(cashier, transaction=transaction)
        if shift is None:
            return NoShift()
        known = (await counter.refunds.refunds.load([number], transaction=transaction)).get(number)
        if known is None or known.way is not Way.CASH:
            return None
        reference = f"{shift.id}"
        refund = await pay_out(
            refunds=counter.refunds, number=number, reference=reference, now=now, transaction=transaction
        )
        if refund is None:
            return None
        after = replace(shift, paid_out=Fen(shift.paid_out + refund.amount))
        await counter.shifts.put(after, transaction=transaction)
        return refund.amount

    return await counter.payments.mongo.transact(work)


async def close_shift(*, counter: Counter, cashier: str, counted: Mapping[int, int], now: datetime) -> Shift | NoShift:
    """Close a cashier's shift on the cash that is there. A difference goes to suspense, and is a case.

    A receipt whose reversal nobody has approved by then stands.

    Raises BadCountError where cash is counted in pieces that there are not.
    """
    worth(counted)

    async def work(transaction: Transaction) -> Shift | NoShift:
        shift = await counter.shifts.open_of(cashier, transaction=transaction)
        if shift is None:
            return NoShift()
        closed = shift.closed(counted, now=now)
        await counter.shifts.put(closed, transaction=transaction)
        await counter.receipts.stand(shift.id, transaction=transaction)
        if closed.difference:
            await _note_difference(counter, closed, now, transaction)
        return closed

    return await counter.payments.mongo.transact(work)


async def hand_over(*, counter: Counter, shift_id: ShiftId, to: str, now: datetime) -> Shift | None:
    """Take a closed shift's cash over, by another person than its cashier; None where it is not to be had so."""

    async def work(transaction: Transaction) -> Shift | None:
        shift = (await counter.shifts.load([shift_id], transaction=transaction)).get(shift_id)
        if shift is None or shift.state is not ShiftState.CLOSED or shift.cashier == to:
            return shift if shift and shift.handed_to == to else None
        handed = replace(shift, state=ShiftState.HANDED_OVER, handed_to=to, handed_at=now)
        await counter.shifts.put(handed, transaction=transaction)
        return handed

    return await counter.payments.mongo.transact(work)


async def _note_difference(counter: Counter, shift: Shift, now: datetime, transaction: Transaction) -> None:
    difference, till = shift.difference or Fen(0), counter.payments
    posting = postings.suspended(
        region=shift.region, key=f"shift:{shift.id}", cash=Book.CASH_COUNTER, amount=difference, now=now
    )
    await post(postings=[posting], ledger=till.ledger, accounts=till.accounts, transaction=transaction)
    case = case_of(
        kind=CaseKind.SHIFT_DIFFERENCE,
        key=f"shift:{shift.id}",
        region=shift.region,
        org_path=shift.org_path,
        amount=difference,
        evidence=(
            ("cashier", shift.cashier),
            ("opened_at", shift.opened_at.isoformat()),
            ("expected_fen", str(shift.expected)),
            ("found_fen", str(shift.found)),
            ("receipts", str(shift.receipts)),
        ),
        now=now,
        today=local_day(now, counter.zone),
    )
    await open_cases(counter.cases, [case], transaction)


def _number(shift: Shift, day: str) -> ReceiptNumber:
    return ReceiptNumber(f"{day}-{shift.id.hex[:10].upper()}-{shift.receipts + 1:04d}")
