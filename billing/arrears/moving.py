"""Moving an account to its next state, with what follows from it at once: history, and the field system's requests."""

from datetime import datetime, timedelta

from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.model import Pursuit
from gridhall.billing.arrears.states import LIFTS, OPENS, Event, State, moved, restores
from gridhall.billing.prepayment import following as prepaid
from gridhall.billing.supply.model import ARREARS, SupplyKind, SupplyState, requests_for
from gridhall.kit.mongo import Transaction


async def move(
    *,
    following: Following,
    pursuit: Pursuit,
    event: Event,
    by: str,
    note: str,
    transaction: Transaction,
    now: datetime,
) -> Pursuit | None:
    """Move an account by an event and write it; None where the table refuses, and nothing is written.

    A cut that was proposed or asked for is taken back as soon as the account leaves that state; where the field system
    may have it already, or had cut, it is asked to restore in the same transaction. So is a cut for a used-up balance
    as soon as something holds the account.
    """
    before = pursuit.standing
    standing = moved(before, event)
    if standing is None:
        return None
    today = following.today(now)
    changed = pursuit
    if event in OPENS:
        changed = changed.paused(OPENS[event][0], today)
    if event in LIFTS:
        changed = changed.resumed(LIFTS[event], today)
    if event is Event.SETTLED:
        for hold in before.holds - standing.holds:
            changed = changed.resumed(hold, today)
    changed = changed.entered(standing, event, by=by, note=note, now=now)
    await following.pursuits.put([changed], transaction=transaction)
    proposed, was_cut = State.DISCONNECTION_PROPOSED, event is Event.CUT_DONE
    leaves = before.rung is proposed and standing.rung is not proposed and not was_cut
    late = leaves and await _take_back(following, changed, transaction=transaction, now=now)
    if late or restores(before, standing, event):
        await _restore(following, changed, by=by, transaction=transaction, now=now)
    if standing.holds - before.holds:
        await prepaid.held(following=following, account_id=changed.account_id, transaction=transaction, now=now)
    return changed


async def _take_back(following: Following, pursuit: Pursuit, *, transaction: Transaction, now: datetime) -> bool:
    """Withdraw requests to cut that were not taken yet; tell whether the field system has one already."""
    late = False
    for request in await following.supply.open_of(
        pursuit.account_id, kind=SupplyKind.DISCONNECT, transaction=transaction
    ):
        if request.reason != ARREARS:
            continue
        withdrawn = request.at(SupplyState.WITHDRAWN, now=now, note="arrears eased")
        if request.state is SupplyState.ASKED:
            late |= not await following.supply.move(withdrawn, was=[SupplyState.ASKED], transaction=transaction)
        else:
            late = True
    return late


async def _restore(following: Following, pursuit: Pursuit, *, by: str, transaction: Transaction, now: datetime) -> None:
    account = (await following.accounts.load([pursuit.account_id], transaction=transaction))[pursuit.account_id]
    rules = pursuit.policy(following.today(now))
    asked = requests_for(
        account,
        kind=SupplyKind.RECONNECT,
        cause=f"{pursuit.account_id}:{pursuit.revision}",
        reason="settled" if pursuit.state is State.RECONNECTED else "eased",
        by=by,
        now=now,
        due_by=now + timedelta(hours=rules.restore_hours) if rules else None,
    )
    await following.supply.ask(asked, transaction=transaction)
