"""Spreading money over an account: which bills it pays, and, taken back, which are owed again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.following import fix_penalties, money_came
from gridhall.billing.arrears.policies import Allocation
from gridhall.billing.arrears.told_late import Came
from gridhall.billing.arrears.undoing import money_went, penalties_paid
from gridhall.billing.bills.model import BillId, BillStatus, after_payment
from gridhall.billing.payments.model import Place, Received, allocate, unwind
from gridhall.billing.payments.till import Payments
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction


@dataclass(frozen=True, slots=True)
class Spread:
    """How an amount was spread. beyond: what found no place, of money that is taken back. places: where it went."""

    bills: Fen
    prepaid: Fen
    penalties: Fen = Fen(0)
    beyond: Fen = Fen(0)
    places: Mapping[Place, Fen] = field(default_factory=dict)


async def give(
    *,
    payments: Payments,
    account: Account,
    amount: Fen,
    named: Sequence[BillId] = (),
    came: Came | None = None,
    transaction: Transaction,
    now: datetime,
) -> Spread:
    """Pay what an account owes, what is named first with its penalties, then from the oldest on; the rest is prepaid.

    Penalties are fixed up to the day of payment first (today where `came` does not tell it), and paid in the order that
    the policy of the oldest debt writes. The bills and debts change here; the posting is the caller's, in the same
    transaction.
    """
    following = payments.following
    penalties = await fix_penalties(
        following=following, account=account, now=now, transaction=transaction, paid_on=came.on if came else None
    )
    payable = await payments.bills.payable(account.id, transaction=transaction)
    order = await _order(payments, account, transaction) if penalties else Allocation.PENALTY_LAST
    told = allocate(amount, payable, penalties=penalties, order=order, named=named)
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
        came=came,
    )
    return Spread(bills=told.to_bills, prepaid=told.rest, penalties=told.to_penalties, places=told.places)


async def take_back(
    *,
    payments: Payments,
    account: Account,
    amount: Fen,
    received: Received | None,
    transaction: Transaction,
    now: datetime,
) -> Spread:
    """Take money out of what is prepaid first, then out of what it paid, then out of what was prepaid and paid bills.

    received: the payment that is taken back, wholly or in part; None where it is only money that was paid ahead. What
    other payments paid stays paid. A bill out of which money was taken is owed again and reminded of again, and so is a
    penalty. The posting is the caller's. `account` must have been read in the transaction.
    """
    prepaid = Fen(min(amount, max(0, account.balance.prepaid)))
    if prepaid == amount:
        return Spread(Fen(0), prepaid)
    following = payments.following
    await fix_penalties(following=following, account=account, now=now, transaction=transaction)
    paid = await penalties_paid(following=following, account_id=account.id, transaction=transaction)
    order = await _order(payments, account, transaction) if paid else Allocation.PENALTY_LAST
    bills = await payments.bills.with_money(account.id, transaction=transaction)
    came = await payments.received.paying(
        account.id, bill_ids=[*(bill.id for bill in bills), *paid], transaction=transaction
    )
    others = Counter[Place]()
    for one in came:
        if received is None or one.payment != received.payment:
            others.update(one.stands_in(account.id))
    told = unwind(
        Fen(amount - prepaid),
        bills,
        penalties=paid,
        order=order,
        own=received.went.get(account.id, {}) if received else (),
        others={place: Fen(fen) for place, fen in others.items()},
    )
    after = {share.bill.id: after_payment(share.bill, Fen(-share.amount)) for share in told.shares}
    await payments.bills.set_paid(after, transaction=transaction)
    reopened = await payments.bills.load(after, transaction=transaction)
    await money_went(
        following=following,
        account_id=account.id,
        bills=list(reopened.values()),
        penalties=told.penalties,
        transaction=transaction,
        now=now,
    )
    return Spread(bills=told.to_bills, prepaid=prepaid, penalties=told.to_penalties, beyond=told.rest)


async def _order(payments: Payments, account: Account, transaction: Transaction) -> Allocation:
    debts = await payments.following.debts.ever_of(account.id, transaction=transaction)
    rules = next((debt.policy for debt in debts if debt.policy and not debt.settled), None)
    rules = rules or next((debt.policy for debt in debts if debt.policy), None)
    return rules.allocation if rules else Allocation.PENALTY_LAST
