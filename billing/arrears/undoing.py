"""What arrears make of money that was taken back: the bills and penalties it had paid are owed again.

Whoever takes money back calls `fix_penalties` first, decides out of what it goes by `penalties_paid` and the bills, and
then calls `money_went`, all in one transaction: so what is owed of penalties is what the ledger says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.model import Debt, debt_of, restarted
from gridhall.billing.bills.model import Bill, BillId
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction


async def penalties_paid(
    *, following: Following, account_id: AccountId, transaction: Transaction
) -> Mapping[BillId, Fen]:
    """Return what was paid of the penalty of each bill, that of the newest bill first; the settled are among them."""
    debts = await following.debts.ever_of(account_id, transaction=transaction)
    return {debt.bill_id: debt.penalty.paid for debt in reversed(debts) if debt.penalty.paid}


async def money_went(
    *,
    following: Following,
    account_id: AccountId,
    bills: Sequence[Bill],
    penalties: Mapping[BillId, Fen],
    transaction: Transaction,
    now: datetime,
) -> None:
    """Note that money was taken back out of bills, told as they are now, and out of the penalties of bills.

    A bill that was still owed in part keeps its place. Of one that was paid the ladder begins anew, and the days on
    which it stood as paid cost nothing; its penalty until then is remembered.
    """
    today = following.today(now)
    known = {debt.bill_id: debt for debt in await following.debts.ever_of(account_id, transaction=transaction)}
    changed: dict[BillId, Debt] = {}
    fresh: list[Debt] = []
    for debt in (made for bill in bills if (made := debt_of(bill))):
        before = known.get(debt.bill_id)
        if before is None:
            fresh.append(_anew(debt, today))
        elif before.owed:
            changed[debt.bill_id] = replace(before, owed=debt.owed, next_on=debt.next_on)
        else:
            changed[debt.bill_id] = _anew(replace(before, owed=debt.owed, next_on=debt.next_on), today)
    for bill_id, amount in penalties.items():
        debt = changed.get(bill_id) or known[bill_id]
        changed[bill_id] = replace(debt, penalty=replace(debt.penalty, paid=Fen(debt.penalty.paid - amount)))
    await following.debts.put(list(changed.values()), transaction=transaction)
    await following.debts.add(fresh, transaction=transaction)


def _anew(debt: Debt, today: date) -> Debt:
    penalty = replace(debt.penalty, until=max(debt.penalty.until, today))
    return restarted(replace(debt, penalty=penalty), today=today)
