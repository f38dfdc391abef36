"""Taking a receipt back, by two people: its cash was counted wrongly, or booked on the wrong account."""

from dataclasses import dataclass, replace
from datetime import datetime

from gridhall.billing.approvals.model import Executor, Kind, OvertakenError, Request, request_for
from gridhall.billing.approvals.operations import Approvals, RefusedBefore, prepare
from gridhall.billing.counter.model import Receipt, ReceiptNumber, ReceiptState, ShiftState
from gridhall.billing.counter.operations import PROVIDER, Counter
from gridhall.billing.ledger import postings
from gridhall.billing.ledger.model import Book
from gridhall.billing.ledger.operations import post
from gridhall.billing.payments.spreading import take_back
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction


@dataclass(frozen=True, slots=True)
class NotReversible:
    """There is no such receipt, it was taken back before, that was refused, or its shift is closed.

    A refund is the way then.
    """


async def reverse(
    *, counter: Counter, approvals: Approvals, number: ReceiptNumber, by: str, reason: str, now: datetime
) -> Receipt | NotReversible:
    """Ask for a receipt to be taken back, because its cash was counted or booked wrongly. Idempotent.

    Above the limit of cash reversals another person has to approve it, while the shift is still open.
    """

    async def work(transaction: Transaction) -> Receipt | NotReversible:
        receipt = await counter.receipts.load(number, transaction=transaction)
        if receipt is None or receipt.state is ReceiptState.REVERSED:
            return NotReversible()
        shift = (await counter.shifts.load([receipt.shift_id], transaction=transaction))[receipt.shift_id]
        if shift.state is not ShiftState.OPEN:
            return NotReversible()
        till = counter.payments
        account = (await till.accounts.load([receipt.account_id], transaction=transaction))[receipt.account_id]
        await counter.receipts.set_state(number, ReceiptState.REVERSING, transaction=transaction)
        request = request_for(
            account,
            kind=Kind.CASH_REVERSAL,
            key=number,
            amount=receipt.amount,
            reason=reason,
            by=by,
            now=now,
            barred=(receipt.cashier,),
        )
        if isinstance(await prepare(approvals=approvals, request=request, transaction=transaction), RefusedBefore):
            await counter.receipts.set_state(number, ReceiptState.TAKEN, transaction=transaction)
            return NotReversible()
        return await counter.receipts.load(number, transaction=transaction) or receipt

    return await counter.payments.mongo.transact(work)


def reversed_by(counter: Counter) -> Executor:
    """Return what an approved reversal does: the money is out of the till and of the account again."""

    async def carry_out(request: Request, transaction: Transaction) -> None:
        number, now = ReceiptNumber(request.key), request.acted_at
        receipt = await counter.receipts.load(number, transaction=transaction)
        if receipt is None or receipt.state is not ReceiptState.REVERSING:
            raise OvertakenError("not_reversing")
        shift = (await counter.shifts.load([receipt.shift_id], transaction=transaction))[receipt.shift_id]
        if shift.state is not ShiftState.OPEN:
            raise OvertakenError("shift_closed")
        till = counter.payments
        account = (await till.accounts.load([receipt.account_id], transaction=transaction))[receipt.account_id]
        received = await till.received.kept(provider=PROVIDER, number=number, transaction=transaction)
        spread = await take_back(
            payments=till,
            account=account,
            amount=receipt.amount,
            received=received,
            transaction=transaction,
            now=now,
        )
        if received is None or spread.beyond:
            raise OvertakenError("not_there")  # it was given back meanwhile: the same cash would leave twice
        await till.received.give_back(
            received, account_id=account.id, amount=receipt.amount, at=None, transaction=transaction
        )
        posting = postings.payment_taken_back(
            account=account,
            key=f"{PROVIDER}:{number}",
            cash=Book.CASH_COUNTER,
            from_bills=spread.bills,
            from_prepaid=spread.prepaid,
            from_penalties=spread.penalties,
            now=now,
        )
        await post(postings=[posting], ledger=till.ledger, accounts=till.accounts, transaction=transaction)
        await counter.receipts.set_state(number, ReceiptState.REVERSED, transaction=transaction)
        after = replace(shift, paid_out=Fen(shift.paid_out + receipt.amount))
        await counter.shifts.put(after, transaction=transaction)

    return carry_out


def kept_by(counter: Counter) -> Executor:
    """Return what a refused reversal does: the receipt stands as it was."""

    async def keep(request: Request, transaction: Transaction) -> None:
        await counter.receipts.set_state(ReceiptNumber(request.key), ReceiptState.TAKEN, transaction=transaction)

    return keep
