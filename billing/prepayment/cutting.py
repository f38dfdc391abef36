"""Cutting a supply whose balance is used up: proposed by the system, asked for by one person, approved by another.

The same gate as for arrears: everything is looked at again at each step, and once more as the request is handed over.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.approvals.model import Kind, OvertakenError, Request, request_for
from gridhall.billing.approvals.operations import Approvals, Approved, RefusedBefore, Waiting, prepare
from gridhall.billing.arrears.cutting.operations import PAYING
from gridhall.billing.arrears.cutting.policies import cut_at
from gridhall.billing.arrears.model import class_of
from gridhall.billing.arrears.policies import Policy, policy
from gridhall.billing.prepayment.following import REASON, restored
from gridhall.billing.prepayment.model import Cut, Prepayment
from gridhall.billing.prepayment.policies import NOT_PREPAID, may_cut
from gridhall.billing.prepayment.room import Prepaying
from gridhall.billing.prepayment.rules import rules_of
from gridhall.billing.supply.model import SupplyKind, SupplyRequest, SupplyState, requests_for
from gridhall.kit.mongo import Transaction
from gridhall.kit.outbox import Event
from gridhall.kit.subject import Refusal

NOT_PROPOSED: Final = Refusal("prepayment.cut_not_proposed")
AT_ONCE: Final = 200

_UNDER_WAY: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Seen:
    """An account that may be cut, as it was found; and the hours of its policy."""

    prepayment: Prepayment
    account: Account
    hours: Policy


async def propose(*, prepaying: Prepaying, account_ids: list[AccountId], now: datetime) -> int:
    """Propose to people those of some accounts that may be cut; free those that may not be any more. Idempotent."""
    proposed = 0
    known = await prepaying.following.prepayments.load(account_ids)
    for account_id, found in known.items():
        if found.cut is Cut.NONE and found.empty_since is None:
            continue

        async def work(transaction: Transaction, account_id: AccountId = account_id) -> bool:
            seen = await _look(prepaying, account_id, transaction, now)
            one = (await prepaying.following.prepayments.load([account_id], transaction=transaction))[account_id]
            if isinstance(seen, Refusal):
                return await _free(prepaying, one, seen, transaction, now)
            if one.cut is not Cut.NONE:
                return False
            await prepaying.following.prepayments.put([one.at(Cut.PROPOSED, now=now)], transaction=transaction)
            return True

        proposed += await prepaying.mongo.transact(work)
    return proposed


async def _free(
    prepaying: Prepaying, one: Prepayment, why: Refusal, transaction: Transaction, now: datetime
) -> Literal[False]:
    """Take a proposal back that does not hold any more; restore whom something protects since."""
    following = prepaying.following
    if one.cut is Cut.PROPOSED:
        await following.prepayments.put([one.at(Cut.NONE, now=now)], transaction=transaction)
    elif one.cut in {Cut.ASKED, Cut.DONE} and why.code == "arrears.cut_held":
        account = (await following.accounts.load([one.account_id], transaction=transaction))[one.account_id]
        free = await restored(following=following, prepayment=one, account=account, transaction=transaction, now=now)
        await following.prepayments.put([free], transaction=transaction)
    return False


async def ask_for_cut(
    *, prepaying: Prepaying, approvals: Approvals, account_id: AccountId, reason: str, by: str, now: datetime
) -> Approved | Waiting | RefusedBefore | Refusal:
    """Ask that a proposed cut be made: it waits for another person's approval, whatever the amount."""

    async def work(transaction: Transaction) -> Approved | Waiting | RefusedBefore | Refusal:
        seen = await _look(prepaying, account_id, transaction, now)
        if isinstance(seen, Refusal):
            return seen
        if seen.prepayment.cut is not Cut.PROPOSED:
            return NOT_PROPOSED
        request = request_for(
            seen.account,
            kind=Kind.DISCONNECT,
            key=f"{REASON}:{account_id}:{seen.prepayment.cut_changed_at}",
            amount=seen.prepayment.balance(seen.account),
            reason=reason,
            by=by,
            now=now,
            payload={"cause": REASON},
        )
        return await prepare(approvals=approvals, request=request, transaction=transaction)

    return await prepaying.mongo.transact(work)


async def carry_out(prepaying: Prepaying, request: Request, transaction: Transaction) -> None:
    """Ask the field system for an approved cut, in the hours of the policy.

    Raises OvertakenError where the account may not be cut any more.
    """
    now = request.decided_at or request.prepared_at
    seen = await _look(prepaying, request.account_id, transaction, now)
    if isinstance(seen, Refusal) or seen.prepayment.cut is not Cut.PROPOSED:
        raise OvertakenError(seen.code if isinstance(seen, Refusal) else NOT_PROPOSED.code)
    earliest = now + timedelta(minutes=seen.hours.last_call_minutes)
    at = cut_at(rules=seen.hours, earliest=earliest, zone=prepaying.following.zone)
    asked = requests_for(
        seen.account,
        kind=SupplyKind.DISCONNECT,
        cause=str(request.id),
        reason=REASON,
        by=request.decided_by or request.prepared_by,
        now=now,
        not_before=at,
    )
    following = prepaying.following
    await following.supply.ask(asked, transaction=transaction)
    await following.prepayments.put([seen.prepayment.at(Cut.ASKED, now=now)], transaction=transaction)
    call_at = at - timedelta(minutes=seen.hours.last_call_minutes)
    payload = {
        "call_at": call_at.isoformat(),
        "cut_at": at.isoformat(),
        "balance": seen.prepayment.balance(seen.account),
    }
    told = Event("billing.balance_cut_ahead", request.account_id, now, payload)
    await following.outbox.add([told], transaction=transaction)


async def decline(prepaying: Prepaying, request: Request, transaction: Transaction) -> None:
    """Take a proposal back that a person refused. It may be made again tomorrow."""
    now = request.decided_at or request.prepared_at
    await ease(prepaying=prepaying, account_id=request.account_id, transaction=transaction, now=now)


async def hand_over(
    *, prepaying: Prepaying, request: SupplyRequest, reference: str, now: datetime
) -> SupplyRequest | None:
    """Give a request to the field system, which took it as `reference`; None where it may not be given any more.

    What may not be cut at this minute is withdrawn, and proposed anew another day.
    """

    async def work(transaction: Transaction) -> SupplyRequest | None:
        supply = prepaying.following.supply
        if request.kind is SupplyKind.DISCONNECT:
            seen = await _look(prepaying, request.account_id, transaction, now)
            why = _not_yet(seen, request, prepaying.following.zone, now)
            if why is not None:
                void = request.at(SupplyState.WITHDRAWN, now=now, note=why)
                if await supply.move(void, was=[SupplyState.ASKED], transaction=transaction):
                    await ease(prepaying=prepaying, account_id=request.account_id, transaction=transaction, now=now)
                return None
        taken = request.at(SupplyState.ACKNOWLEDGED, now=now, reference=reference)
        return taken if await supply.move(taken, was=[SupplyState.ASKED], transaction=transaction) else None

    return await prepaying.mongo.transact(work)


async def report(
    *, prepaying: Prepaying, request: SupplyRequest, done: bool, note: str, now: datetime
) -> SupplyRequest | None:
    """Note that the field system has done what it was asked, or failed; None where that was known before."""

    async def work(transaction: Transaction) -> SupplyRequest | None:
        following = prepaying.following
        over = request.at(SupplyState.DONE if done else SupplyState.FAILED, now=now, note=note)
        if not await following.supply.move(
            over, was=[SupplyState.ASKED, SupplyState.ACKNOWLEDGED], transaction=transaction
        ):
            return None
        known = await following.prepayments.load([over.account_id], transaction=transaction)
        one = known.get(over.account_id)
        if one is not None and (after := _AFTER.get((over.kind, done, one.cut))):
            await following.prepayments.put([one.at(after, now=now)], transaction=transaction)
        return over

    return await prepaying.mongo.transact(work)


_AFTER: Final = {
    (SupplyKind.DISCONNECT, True, Cut.ASKED): Cut.DONE,
    (SupplyKind.DISCONNECT, False, Cut.ASKED): Cut.NONE,
    (SupplyKind.RECONNECT, True, Cut.RESTORING): Cut.NONE,
}
"""Where an account stands after a report. A supply that failed to be restored is a case, and still being restored."""


async def ease(*, prepaying: Prepaying, account_id: AccountId, transaction: Transaction, now: datetime) -> None:
    """Take a proposal or a request back; nothing harsher happens to the account today."""
    following = prepaying.following
    one = (await following.prepayments.load([account_id], transaction=transaction)).get(account_id)
    if one is not None and one.cut in {Cut.PROPOSED, Cut.ASKED}:
        eased = replace(one.at(Cut.NONE, now=now), eased_on=following.today(now))
        await following.prepayments.put([eased], transaction=transaction)


def _not_yet(seen: _Seen | Refusal, request: SupplyRequest, zone: str, now: datetime) -> str | None:
    if isinstance(seen, Refusal):
        return seen.code
    if now < request.not_before or cut_at(rules=seen.hours, earliest=now, zone=zone) != now:
        return "arrears.cut_hours"
    return None


async def _look(
    prepaying: Prepaying, account_id: AccountId, transaction: Transaction, now: datetime
) -> _Seen | Refusal:
    following = prepaying.following
    account = (await following.accounts.load([account_id], transaction=transaction)).get(account_id)
    one = (await following.prepayments.load([account_id], transaction=transaction)).get(account_id)
    if account is None or one is None:
        return NOT_PREPAID
    today = following.today(now)
    pursuit = (await following.pursuits.load([account_id], transaction=transaction)).get(account_id)
    rules = rules_of(account.region, on=today)
    may = may_cut(prepayment=one, account=account, pursuit=pursuit, rules=rules, today=today)
    if may is not True:
        return may
    hours = policy(account.region, class_of(account, today=today), on=today)
    if hours is None:
        return NOT_PREPAID
    if await prepaying.intents.last_started(account_id, since=now - _UNDER_WAY):
        return PAYING
    return _Seen(one, account, hours)
