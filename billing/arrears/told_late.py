"""Money that is told of late: what it paid cost no penalty on the days after it came, reckoned though they were.

A penalty is linear in what is owed. So the days since are known by what a fen of the bill cost in them: times what was
owed, to see what was owed of the penalty on the day of payment; times what was paid, to let that much off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.model import Debt, Pursuit
from gridhall.billing.arrears.outages.queries import days_down
from gridhall.billing.arrears.penalty import Penalty, through
from gridhall.billing.bills.model import BillId
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import penalty_taken_back
from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Transaction


@dataclass(frozen=True, slots=True)
class Came:
    """When money came, as far as penalties go, and the key under which the ledger knows it."""

    on: date
    key: str


@dataclass(frozen=True, slots=True)
class Lowered:
    """A debt with its penalty lowered. let_off: of what was owed of it; to_prepaid: of what was paid, which is back."""

    debt: Debt
    let_off: Fen
    to_prepaid: Fen


async def cost_since(
    *,
    following: Following,
    debts: Sequence[Debt],
    pursuits: Mapping[AccountId, Pursuit],
    day: date,
    transaction: Transaction | None = None,
) -> Mapping[BillId, int]:
    """Return in grains what a fen of each debt cost on the days after `day` that are reckoned already.

    Debts that are reckoned no further than that are left out.
    """
    beyond = [debt for debt in debts if debt.owed and debt.penalty.until > through(max(day, debt.due_on))]
    if not beyond:
        return {}
    last = max(debt.penalty.until for debt in beyond)
    days = Days(through(day), last)
    down = await days_down(outages=following.outages, days=days, zone=following.zone, transaction=transaction)
    found = {}
    for debt in beyond:
        rules, pursuit = debt.policy, pursuits.get(debt.account_id)
        if rules is not None:
            held = pursuit.free_days(rules, until=last) if pursuit else []
            since = Days(through(max(day, debt.due_on)), debt.penalty.until)
            found[debt.bill_id] = rules.rate.cost(due_on=debt.due_on, days=since, free=[*down, *held])
    return found


def outstanding_before(debt: Debt, cost: int) -> Fen:
    """Return what was owed of a penalty before days that cost so much a fen."""
    return _less(debt.penalty, cost * debt.owed).outstanding


async def take_back_since(
    *,
    following: Following,
    before: Sequence[Debt],
    after: Sequence[Debt],
    pursuit: Pursuit | None,
    came: Came,
    transaction: Transaction,
    now: datetime,
) -> tuple[list[Debt], Fen]:
    """Take the penalty back that was posted for days after money came, on what it paid; return how much that was.

    before, after: the debts of an account as they stood before and after the payment, in the same order.
    """
    pursuits = {pursuit.account_id: pursuit} if pursuit else {}
    since = await cost_since(following=following, debts=before, pursuits=pursuits, day=came.on, transaction=transaction)
    changed = {
        old.bill_id: less
        for old, new in zip(before, after, strict=True)
        if old.bill_id in since and (less := lowered(old, new, since[old.bill_id]))
    }
    if not changed:
        return list(after), Fen(0)
    (account,) = (await following.accounts.load([before[0].account_id], transaction=transaction)).values()
    made = [
        penalty_taken_back(
            account=account,
            key=f"told_late:{came.key}:{bill_id}",
            let_off=less.let_off,
            to_prepaid=less.to_prepaid,
            now=now,
        )
        for bill_id, less in changed.items()
        if less.let_off or less.to_prepaid
    ]
    await post(postings=made, ledger=following.ledger, accounts=following.accounts, transaction=transaction)
    total = Fen(sum(less.let_off + less.to_prepaid for less in changed.values()))
    return [changed[debt.bill_id].debt if debt.bill_id in changed else debt for debt in after], total


def lowered(before: Debt, after: Debt, cost: int) -> Lowered | None:
    """Return a debt, some of which was paid, without what the days since cost of that; None where that is no fen.

    What was let off of the penalty already is not given a second time.
    """
    penalty = _less(after.penalty, cost * (before.owed - after.owed))
    less = penalty.posted - penalty.total
    if less <= 0:
        return None
    let_off = min(less, penalty.posted - penalty.paid - penalty.waived)
    to_prepaid = min(less - let_off, penalty.paid)
    fitting = replace(
        penalty,
        posted=penalty.total,
        paid=Fen(penalty.paid - to_prepaid),
        waived=Fen(penalty.waived - (less - let_off - to_prepaid)),
    )
    return Lowered(replace(after, penalty=fitting), Fen(let_off), Fen(to_prepaid))


def _less(penalty: Penalty, grains: int) -> Penalty:
    # Days on which a bill stood as paid before it was owed again cost nothing, and so give nothing back.
    return replace(penalty, grains=max(0, penalty.grains - grains))
