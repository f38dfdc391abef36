"""A person's or a clock's step: an account is moved, and its debts wait or go on with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.following import with_debts
from gridhall.billing.arrears.model import Debt, Pursuit, class_of, one_back, parked, unparked
from gridhall.billing.arrears.moving import move
from gridhall.billing.arrears.states import LIFTS, OPENS, Event, Hold
from gridhall.kit.mongo import Transaction
from gridhall.kit.subject import Refusal

NO_SUCH_ACCOUNT: Final = Refusal("arrears.no_such_account")

Change = Callable[[Pursuit], Pursuit]


def not_now(pursuit: Pursuit) -> Refusal:
    """Return the refusal of what the state of an account does not allow."""
    return Refusal("arrears.not_now", {"state": str(pursuit.state)})


async def pursuit_of(
    *, following: Following, account_id: AccountId, transaction: Transaction, now: datetime
) -> tuple[Pursuit, list[Debt]] | Refusal:
    """Return how an account is followed, with its debts; one that never was in arrears stands at the beginning."""
    account = (await following.accounts.load([account_id], transaction=transaction)).get(account_id)
    if account is None:
        return NO_SUCH_ACCOUNT
    known = (await following.pursuits.load([account_id], transaction=transaction)).get(account_id)
    debts = await following.debts.of_accounts([account_id], transaction=transaction)
    return with_debts(known or _begun(account, following, now), debts, following.today(now)), debts


async def step(
    *,
    following: Following,
    account_id: AccountId,
    event: Event,
    by: str,
    note: str,
    transaction: Transaction,
    now: datetime,
    change: Change | None = None,
) -> Pursuit | Refusal:
    """Move an account by an event. change: what else of it changes with the step.

    A hold parks its debts; its end lets their ladders go on, one step back where a promise or a plan was broken.
    """
    found = await pursuit_of(following=following, account_id=account_id, transaction=transaction, now=now)
    if isinstance(found, Refusal):
        return found
    pursuit, debts = found
    changed = await move(
        following=following,
        pursuit=change(pursuit) if change else pursuit,
        event=event,
        by=by,
        note=note,
        transaction=transaction,
        now=now,
    )
    if changed is None:
        return not_now(pursuit)
    await following.debts.put(_follow(debts, event, changed, following, now), transaction=transaction)
    return changed


def _follow(debts: list[Debt], event: Event, after: Pursuit, following: Following, now: datetime) -> list[Debt]:
    today = following.today(now)
    if event in OPENS:
        # Who is shielded is still told what is due; the scan parks a debt once it is overdue.
        return [parked(debt) for debt in debts if OPENS[event][0] is not Hold.SHIELD or debt.overdue(today)]
    if event not in LIFTS or after.standing.holds:
        return []
    broken = event in {Event.PROMISE_BROKEN, Event.PLAN_BROKEN}
    return [one_back(debt, today=today) if broken else unparked(debt, today=today) for debt in debts]


def _begun(account: Account, following: Following, now: datetime) -> Pursuit:
    return Pursuit(account.id, account.region, account.org_path, class_of(account, today=following.today(now)))
