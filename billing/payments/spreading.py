"""Spreading money over an account: which bills it pays, and, taken back, which are owed again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.following import bills_owed_again, fix_penalties, money_came
from gridhall.billing.arrears.policies import Allocation
from gridhall.billing.bills.model import Bill, BillId, BillStatus, after_payment
from gridhall.billing.payments.model import allocate
from gridhall.billing.payments.till import Payments
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction


@dataclass(frozen=True, slots=True)
class Spread:
    """How an amount was spread. beyond: what found no place, of money that is taken back."""

    bills: Fen
    prepaid: Fen
    penalties: Fen = Fen(0)
    beyond: Fen = Fen(0)


async def give(
    *,
    payments: Payments,
    account: Account,
    amount: Fen,
    named: Sequence[BillId] = (),
    transaction: Transaction,
    now: datetime,
) -> Spread:
    """Pay what an account owes, the bills that are named first and then from the oldest on; the rest is prepaid.

    Penalties are fixed up to today first, and paid in the order that the policy of the oldest debt writes. The bills
    and debts change here; the posting is the caller's, in the same transaction.
    """
    following = payments.following
    penalties = await fix_penalties(following=following, account=account, now=now, transaction=transaction)
    payable = await payments.bills.payable(account.id, transaction=transaction)
    order = await _order(payments, account, transaction) if penalties else Allocation.PENALTY_LAST
    named_first = sorted(payable, key=lambda bill: bill.id not in named)
    told = allocate(amount, named_first, penalties=penalties, order=order)
    paid = {share.bill.id: after_payment(share.bill, share.amount) for share in told.shares}
    await payments.bills.set_paid(paid, transaction=transaction)
    owed = sum(bill.owed for bill in payable) + sum(penalties.values())
    await money_came(
        following=following,
        account_id=account.id,
        paid_in_full=[bill_id for bill_id, (_, status) in paid.items() if status is BillStatus.PAID],
        owed_after=Fen(owed - amount + told.rest),
        transaction=transaction,
        now=now,
        penalties_paid=told.penalties,
    )
    return Spread(bills=told.to_bills, prepaid=told.rest, penalties=told.to_penalties)


async def _order(payments: Payments, account: Account, transaction: Transaction) -> Allocation:
    debts = await payments.following.debts.of_accounts([account.id], transaction=transaction)
    rules = next((debt.policy for debt in debts if debt.policy), None)
    return rules.allocation if rules else Allocation.PENALTY_LAST


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
    return Spread(Fen(amount - prepaid - rest), prepaid, beyond=rest)


async def _reopen(payments: Payments, taken: Sequence[tuple[Bill, Fen]], transaction: Transaction) -> None:
    after = {bill.id: after_payment(bill, Fen(-share)) for bill, share in taken if share}
    await payments.bills.set_paid(after, transaction=transaction)
    reopened = await payments.bills.load(after, transaction=transaction)
    await bills_owed_again(following=payments.following, bills=list(reopened.values()), transaction=transaction)
