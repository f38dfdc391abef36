"""Spreading money over an account: which bills it pays, and, taken back, which are owed again."""

from collections.abc import Sequence
from dataclasses import dataclass

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.model import first_reminder
from gridhall.billing.bills.model import Bill, BillId, BillStatus, after_payment
from gridhall.billing.payments.model import allocate
from gridhall.billing.payments.till import Payments
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction


@dataclass(frozen=True, slots=True)
class Spread:
    """How an amount was spread: on bills, and on what is prepaid. beyond: what found no place, 0 for money given."""

    bills: Fen
    prepaid: Fen
    beyond: Fen = Fen(0)


async def give(
    *, payments: Payments, account: Account, amount: Fen, named: Sequence[BillId] = (), transaction: Transaction
) -> Spread:
    """Pay an account's bills, those named first and then from the oldest on; the rest is prepaid balance.

    The bills change here; the posting is the caller's, in the same transaction.
    """
    payable = await payments.bills.payable(account.id, transaction=transaction)
    shares, rest = allocate(amount, sorted(payable, key=lambda bill: bill.id not in named))
    paid = {share.bill.id: after_payment(share.bill, share.amount) for share in shares}
    await payments.bills.set_paid(paid, transaction=transaction)
    in_full = [bill_id for bill_id, (_, status) in paid.items() if status is BillStatus.PAID]
    await payments.reminders.stop(in_full, transaction=transaction)
    return Spread(bills=Fen(amount - rest), prepaid=rest)


async def take_back(*, payments: Payments, account: Account, amount: Fen, transaction: Transaction) -> Spread:
    """Take money out of what is prepaid first, and then out of what paid bills, from the newest back.

    A bill out of which money was taken is owed again and is reminded of again. The posting is the caller's. `account`
    must have been read in the transaction.
    """
    prepaid = Fen(min(amount, max(0, account.balance.prepaid)))
    rest = Fen(amount - prepaid)
    if not rest:
        return Spread(Fen(0), prepaid)
    taken: list[tuple[Bill, Fen]] = []
    for bill in await payments.bills.with_money(account.id, transaction=transaction):
        share = Fen(min(rest, bill.paid))
        taken.append((bill, share))
        rest = Fen(rest - share)
        if not rest:
            break
    await _reopen(payments, taken, transaction)
    return Spread(Fen(amount - prepaid - rest), prepaid, rest)


async def _reopen(payments: Payments, taken: Sequence[tuple[Bill, Fen]], transaction: Transaction) -> None:
    after = {bill.id: after_payment(bill, Fen(-share)) for bill, share in taken if share}
    await payments.bills.set_paid(after, transaction=transaction)
    closed = [bill.id for bill, _ in taken if bill.status is BillStatus.PAID]
    reopened = await payments.bills.load(closed, transaction=transaction)
    reminders = [first_reminder(bill) for bill in reopened.values()]
    await payments.reminders.add([one for one in reminders if one], transaction=transaction)
