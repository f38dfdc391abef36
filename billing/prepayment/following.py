"""What money does to an account that pays ahead, in the transaction in which it comes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.model import SYSTEM, class_of
from gridhall.billing.arrears.policies import policy
from gridhall.billing.prepayment.model import Cut, Level, Prepayment, level_of, worse
from gridhall.billing.prepayment.rules import rules_of
from gridhall.billing.supply.model import BALANCE, SupplyKind, SupplyState, requests_for
from gridhall.kit.mongo import Transaction


async def money_came(
    *, following: Following, account_ids: Sequence[AccountId], transaction: Transaction, now: datetime
) -> None:
    """Let prepayment follow money that was posted: warnings begin anew, and a supply that was cut is restored.

    Accounts that never paid ahead cost one read. Called after the posting, in its transaction.
    """
    known = await following.prepayments.load(account_ids, transaction=transaction)
    if not known:
        return
    accounts = await following.accounts.load(known, transaction=transaction)
    today = following.today(now)
    changed = []
    for account_id, found in known.items():
        account = accounts[account_id]
        rules = rules_of(account.region, on=today)
        level = level_of(found.balance(account), rules) if rules else Level.FINE
        after = replace(found, eased_on=today)
        if worse(found.level, level):
            after = replace(after, level=level, spell=found.spell + 1)
        if level is not Level.EMPTY:
            after = await restored(
                following=following, prepayment=after, account=account, transaction=transaction, now=now
            )
            after = replace(after, empty_since=None)
        changed.append(after)
    await following.prepayments.put(changed, transaction=transaction)


async def held(*, following: Following, account_id: AccountId, transaction: Transaction, now: datetime) -> None:
    """Let prepayment follow that something protects an account: a cut is taken back, and what was cut is restored."""
    one = (await following.prepayments.load([account_id], transaction=transaction)).get(account_id)
    if one is None or one.cut in {Cut.NONE, Cut.RESTORING}:
        return
    account = (await following.accounts.load([account_id], transaction=transaction))[account_id]
    free = await restored(following=following, prepayment=one, account=account, transaction=transaction, now=now)
    await following.prepayments.put([free], transaction=transaction)


async def restored(
    *, following: Following, prepayment: Prepayment, account: Account, transaction: Transaction, now: datetime
) -> Prepayment:
    """Take a cut back that is under way, and ask for a supply that is gone; return the account as it stands then."""
    if prepayment.cut in {Cut.NONE, Cut.RESTORING}:
        return prepayment
    gone = prepayment.cut is Cut.DONE
    for request in await following.supply.open_of(account.id, kind=SupplyKind.DISCONNECT, transaction=transaction):
        if request.reason != BALANCE:
            continue
        void = request.at(SupplyState.WITHDRAWN, now=now, note="balance restored")
        # What the field system has already may be carried out at any moment: it is asked to restore right behind it.
        gone |= request.state is not SupplyState.ASKED or not await following.supply.move(
            void, was=[SupplyState.ASKED], transaction=transaction
        )
    if not gone:
        return prepayment.at(Cut.NONE, now=now)
    today = following.today(now)
    rules = policy(account.region, class_of(account, today=today), on=today)
    asked = requests_for(
        account,
        kind=SupplyKind.RECONNECT,
        cause=f"balance:{account.id}:{prepayment.cut_changed_at}",
        reason=BALANCE,
        by=SYSTEM,
        now=now,
        due_by=now + timedelta(hours=rules.restore_hours) if rules else None,
    )
    await following.supply.ask(asked, transaction=transaction)
    return prepayment.at(Cut.RESTORING, now=now)
