"""Cutting a supply whose balance is used up: proposed by the system, asked for by one person, approved by another.

The same gate as for arrears: a formal notice of which there is proof that it arrived days ago, two persons, and
everything looked at again at each step, and once more as the request is handed over.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.approvals.model import Kind, OvertakenError, Request, request_for
from gridhall.billing.approvals.operations import Approvals, Approved, RefusedBefore, Waiting, prepare
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.cutting.gate import PAYING, ask_field_system, is_paying
from gridhall.billing.arrears.cutting.model import Notice, NoticeKind
from gridhall.billing.arrears.cutting.notices import balance_notice
from gridhall.billing.arrears.cutting.policies import HELD, NOT_NOTIFIED
from gridhall.billing.arrears.model import class_of
from gridhall.billing.arrears.policies import Policy, policy
from gridhall.billing.prepayment.following import held
from gridhall.billing.prepayment.model import Cut, Prepayment
from gridhall.billing.prepayment.policies import NOT_PREPAID, may_cut
from gridhall.billing.prepayment.room import Prepaying
from gridhall.billing.prepayment.rules import rules_of
from gridhall.billing.supply.model import BALANCE, SupplyKind, SupplyRequest
from gridhall.kit.localdays import local_day
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Event
from gridhall.kit.subject import Refusal

NOT_PROPOSED: Final = Refusal("prepayment.cut_not_proposed")
NOTICES: Final = 20
"""Newest notices of an account among which that of its balance is looked for."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """An account that may be cut, as it was found; the hours of its policy, and the notice that was served."""

    prepayment: Prepayment
    account: Account
    hours: Policy
    notice: Notice


async def propose(*, prepaying: Prepaying, account_ids: list[AccountId], now: datetime) -> int:
    """Propose to people those of some accounts that may be cut; free those that may not be any more. Idempotent.

    One that lacks but a notice is sent it: the formal notice is made, and counts from the proof that it arrived.
    """
    proposed = 0
    known = await prepaying.following.prepayments.load(account_ids)
    for account_id, found in known.items():
        if found.cut is Cut.NONE and found.empty_since is None:
            continue

        async def work(transaction: Transaction, account_id: AccountId = account_id) -> bool:
            seen = await _look(prepaying, account_id, transaction, now)
            one = (await prepaying.following.prepayments.load([account_id], transaction=transaction))[account_id]
            if isinstance(seen, Refusal):
                await _give_notice(prepaying, one, seen, transaction, now)
                return await _free(prepaying, one, seen, transaction, now)
            if one.cut is not Cut.NONE:
                return False
            await prepaying.following.prepayments.put([one.at(Cut.PROPOSED, now=now)], transaction=transaction)
            return True

        proposed += await prepaying.mongo.transact(work)
    return proposed


async def _give_notice(
    prepaying: Prepaying, one: Prepayment, why: Refusal, transaction: Transaction, now: datetime
) -> None:
    """Make the formal notice of an account that may be cut but for it; one each time that its balance is used up."""
    if why != NOT_NOTIFIED or one.cut is not Cut.NONE or await _notice(prepaying, one, transaction):
        return
    following, today = prepaying.following, prepaying.following.today(now)
    account = (await following.accounts.load([one.account_id], transaction=transaction))[one.account_id]
    rules = rules_of(account.region, on=today)
    if rules is not None:
        notice, told = balance_notice(
            account, balance=one.balance(account), days=rules.notice_days, today=today, now=now
        )
        await prepaying.notices.add([notice], transaction=transaction)
        await following.outbox.add([told], transaction=transaction)


async def _notice(prepaying: Prepaying, one: Prepayment, transaction: Transaction) -> Notice | None:
    """Return the notice that was made since the balance of an account was used up."""
    if one.empty_since is None:
        return None
    found = await prepaying.notices.of_accounts([one.account_id], limit=NOTICES, transaction=transaction)
    zone, since = prepaying.following.zone, one.empty_since
    of_balance = (notice for notice in found if notice.kind is NoticeKind.BALANCE)
    return next((notice for notice in of_balance if local_day(notice.made_at, zone) >= since), None)


async def _free(
    prepaying: Prepaying, one: Prepayment, why: Refusal, transaction: Transaction, now: datetime
) -> Literal[False]:
    """Take a proposal back that does not hold any more; restore whom something protects since."""
    following = prepaying.following
    if one.cut is Cut.PROPOSED:
        await following.prepayments.put([one.at(Cut.NONE, now=now)], transaction=transaction)
    elif why == HELD:
        await held(following=following, account_id=one.account_id, transaction=transaction, now=now)
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
            kind=Kind.BALANCE_CUT,
            key=f"{account_id}:{seen.prepayment.cut_changed_at}",
            amount=seen.prepayment.balance(seen.account),
            reason=reason,
            by=by,
            now=now,
            payload={"notice": str(seen.notice.id)},
        )
        return await prepare(approvals=approvals, request=request, transaction=transaction)

    return await prepaying.mongo.transact(work)


async def carry_out(prepaying: Prepaying, request: Request, transaction: Transaction) -> None:
    """Ask the field system for an approved cut, in the hours of the policy.

    Raises OvertakenError where the account may not be cut any more.
    """
    now = request.acted_at
    seen = await _look(prepaying, request.account_id, transaction, now)
    if isinstance(seen, Refusal) or seen.prepayment.cut is not Cut.PROPOSED:
        raise OvertakenError(seen.code if isinstance(seen, Refusal) else NOT_PROPOSED.code)
    following = prepaying.following
    ahead = await ask_field_system(
        following=following,
        account=seen.account,
        hours=seen.hours,
        request=request,
        reason=BALANCE,
        transaction=transaction,
        now=now,
    )
    await following.prepayments.put([seen.prepayment.at(Cut.ASKED, now=now)], transaction=transaction)
    payload = {**ahead.payload, "balance": seen.prepayment.balance(seen.account)}
    told = Event("billing.balance_cut_ahead", request.account_id, now, payload)
    await following.outbox.add([told], transaction=transaction)


async def decline(prepaying: Prepaying, request: Request, transaction: Transaction) -> None:
    """Take a proposal back that a person refused. It may be made again tomorrow."""
    now = request.acted_at
    await _ease(prepaying, request.account_id, transaction, now)


@dataclass(frozen=True, slots=True)
class BalanceCutting:
    """Cutting for a balance that is used up, as a `Cause` at the gate."""

    prepaying: Prepaying

    @property
    def mongo(self) -> Mongo:
        """The database."""
        return self.prepaying.mongo

    @property
    def following(self) -> Following:
        """What money and cuts touch."""
        return self.prepaying.following

    async def may_cut(self, account_id: AccountId, *, transaction: Transaction, now: datetime) -> Policy | Refusal:
        """Look whether an account may be cut for its balance, and return the policy whose hours hold."""
        seen = await _look(self.prepaying, account_id, transaction, now)
        return seen if isinstance(seen, Refusal) else seen.hours

    async def call_off(self, account_id: AccountId, *, why: str, transaction: Transaction, now: datetime) -> None:
        """Take a proposal back; the request itself says why."""
        del why
        await _ease(self.prepaying, account_id, transaction, now)

    async def reported(self, request: SupplyRequest, *, done: bool, transaction: Transaction, now: datetime) -> None:
        """Note where an account stands after a report."""
        prepayments = self.following.prepayments
        one = (await prepayments.load([request.account_id], transaction=transaction)).get(request.account_id)
        if one is not None and (after := _AFTER.get((request.kind, done, one.cut))):
            await prepayments.put([one.at(after, now=now)], transaction=transaction)


_AFTER: Final = {
    (SupplyKind.DISCONNECT, True, Cut.ASKED): Cut.DONE,
    (SupplyKind.DISCONNECT, False, Cut.ASKED): Cut.NONE,
    (SupplyKind.RECONNECT, True, Cut.RESTORING): Cut.NONE,
}
"""Where an account stands after a report. A supply that failed to be restored is a case, and still being restored."""


async def _ease(prepaying: Prepaying, account_id: AccountId, transaction: Transaction, now: datetime) -> None:
    """Take a proposal or a request back; nothing harsher happens to the account today."""
    following = prepaying.following
    one = (await following.prepayments.load([account_id], transaction=transaction)).get(account_id)
    if one is not None and one.cut in {Cut.PROPOSED, Cut.ASKED}:
        eased = replace(one.at(Cut.NONE, now=now), eased_on=following.today(now))
        await following.prepayments.put([eased], transaction=transaction)


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
    notice = await _notice(prepaying, one, transaction)
    may = may_cut(
        prepayment=one, account=account, pursuit=pursuit, rules=rules, notice=notice, today=today, zone=following.zone
    )
    if may is not True:
        return may
    hours = policy(account.region, class_of(account, today=today), on=today)
    if hours is None or notice is None:
        return NOT_PREPAID
    if await is_paying(prepaying.intents, account_id, now=now):
        return PAYING
    return _Seen(one, account, hours, notice)
