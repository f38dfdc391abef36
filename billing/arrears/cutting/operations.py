"""Cutting a supply for arrears: the system proposes, one person asks, another approves, the field system is asked.

Everything is looked at again at each of these, and once more as the request is handed over.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.approvals.model import Kind, OvertakenError, Request, request_for
from gridhall.billing.approvals.operations import Approvals, Approved, RefusedBefore, Waiting, prepare
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.cutting.gate import PAYING, ask_field_system, is_paying
from gridhall.billing.arrears.cutting.model import Notice, NoticeId
from gridhall.billing.arrears.cutting.policies import may_cut
from gridhall.billing.arrears.cutting.repository import NoticeRepository
from gridhall.billing.arrears.model import SYSTEM, Pursuit
from gridhall.billing.arrears.moving import move
from gridhall.billing.arrears.notes import CUT_APPROVED, Form, written
from gridhall.billing.arrears.policies import Policy
from gridhall.billing.arrears.states import Event, State
from gridhall.billing.arrears.stepping import not_now, pursuit_of, step
from gridhall.billing.payments.repository import IntentRepository
from gridhall.billing.supply.model import ARREARS, SupplyKind, SupplyRequest
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Event as Told
from gridhall.kit.subject import Refusal

PROPOSED_AT_ONCE: Final = 200
NO_NOTICE: Final = Refusal("arrears.cut_not_notified")


@dataclass(frozen=True, slots=True)
class Cutting:
    """Cutting for arrears: what it needs at hand, and a `Cause` at the gate."""

    mongo: Mongo
    following: Following
    notices: NoticeRepository
    intents: IntentRepository

    async def may_cut(self, account_id: AccountId, *, transaction: Transaction, now: datetime) -> Policy | Refusal:
        """Look whether an account may be cut for arrears, and return the policy whose hours hold."""
        seen = await _look(self, account_id, transaction, now)
        return seen if isinstance(seen, Refusal) else seen.rules

    async def call_off(self, account_id: AccountId, *, why: str, transaction: Transaction, now: datetime) -> None:
        """Take a proposal back."""
        note = written(Form.CALLED_OFF, code=why)
        await _decline(self, account_id, why=note, by=SYSTEM, transaction=transaction, now=now)

    async def reported(self, request: SupplyRequest, *, done: bool, transaction: Transaction, now: datetime) -> None:
        """Move an account whose supply was cut, or is back. A cut that failed is a case, and moves nothing."""
        if not done:
            return
        # Refused where the state has nothing to do with it: a supply back that was not gone for arrears.
        await step(
            following=self.following,
            account_id=request.account_id,
            event=_HAPPENED[request.kind],
            by=SYSTEM,
            note=written(Form.SUPPLY, kind=request.kind, reference=request.reference),
            transaction=transaction,
            now=now,
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """An account that may be cut, as it was found."""

    pursuit: Pursuit
    rules: Policy
    notice: Notice


async def propose_due(*, cutting: Cutting, region: str, now: datetime) -> int:
    """Propose to people the accounts of a region that may be cut; return how many. Idempotent."""
    proposed, after = 0, None
    while found := await cutting.following.pursuits.page(
        region=region, states=[State.NOTICE_SERVED], after=after, limit=PROPOSED_AT_ONCE
    ):
        for pursuit in found:
            proposed += await propose(cutting=cutting, account_id=pursuit.account_id, now=now) is True
        last = found[-1]
        after = (last.since or now, last.account_id)
    return proposed


async def propose(*, cutting: Cutting, account_id: AccountId, now: datetime) -> Literal[True] | Refusal:
    """Propose one account to be cut, where it may be."""

    async def work(transaction: Transaction) -> Literal[True] | Refusal:
        seen = await _look(cutting, account_id, transaction, now)
        if isinstance(seen, Refusal):
            return seen
        moved = await move(
            following=cutting.following,
            pursuit=seen.pursuit,
            event=Event.CUT_PROPOSED,
            by=SYSTEM,
            note=written(Form.ON_NOTICE, id=seen.notice.id),
            transaction=transaction,
            now=now,
        )
        return True if moved else not_now(seen.pursuit)

    return await cutting.mongo.transact(work)


async def ask_for_cut(
    *, cutting: Cutting, approvals: Approvals, account_id: AccountId, reason: str, by: str, now: datetime
) -> Approved | Waiting | RefusedBefore | Refusal:
    """Ask that a proposed cut be made: it waits for another person's approval, whatever the amount."""

    async def work(transaction: Transaction) -> Approved | Waiting | RefusedBefore | Refusal:
        seen = await _look(cutting, account_id, transaction, now)
        if isinstance(seen, Refusal):
            return seen
        if seen.pursuit.state is not State.DISCONNECTION_PROPOSED:
            return not_now(seen.pursuit)
        account = (await cutting.following.accounts.load([account_id], transaction=transaction))[account_id]
        since = seen.pursuit.since or now
        request = request_for(
            account,
            kind=Kind.DISCONNECT,
            key=f"{account_id}:{since.isoformat()}",
            amount=seen.pursuit.overdue,
            reason=reason,
            by=by,
            now=now,
            payload={"notice": str(seen.notice.id)},
        )
        return await prepare(approvals=approvals, request=request, transaction=transaction)

    return await cutting.mongo.transact(work)


async def carry_out(cutting: Cutting, request: Request, transaction: Transaction) -> None:
    """Ask the field system for an approved cut, after the last call and in the hours of the policy.

    Raises OvertakenError where the account may not be cut any more.
    """
    now = request.acted_at
    seen = await _look(cutting, request.account_id, transaction, now)
    if isinstance(seen, Refusal) or seen.pursuit.state is not State.DISCONNECTION_PROPOSED:
        raise OvertakenError(seen.code if isinstance(seen, Refusal) else "arrears.not_now")
    following = cutting.following
    account = (await following.accounts.load([request.account_id], transaction=transaction))[request.account_id]
    ahead = await ask_field_system(
        following=following,
        account=account,
        hours=seen.rules,
        request=request,
        reason=ARREARS,
        transaction=transaction,
        now=now,
    )
    note = written(Form.NOT_BEFORE, at=ahead.cut_at.isoformat())
    noted = seen.pursuit.noted(CUT_APPROVED, by=request.decided_by or "", note=note, now=now)
    await following.pursuits.put([noted], transaction=transaction)
    # What stops the cut is to pay what is overdue: a bill that is not due yet is none of it.
    payload = {**ahead.payload, "notice_id": str(seen.notice.id), "fen": seen.pursuit.overdue}
    told = Told("billing.cut_ahead", account.id, now, payload)
    await following.outbox.add([told], transaction=transaction)


async def decline(cutting: Cutting, request: Request, transaction: Transaction) -> None:
    """Take a proposal back that a person refused. It may be made again tomorrow."""
    await _decline(
        cutting,
        request.account_id,
        why=request.decision,
        by=request.acted_by,
        transaction=transaction,
        now=request.acted_at,
    )


async def _decline(
    cutting: Cutting, account_id: AccountId, *, why: str, by: str, transaction: Transaction, now: datetime
) -> None:
    # Refused where the account has left that state meanwhile: then there is nothing to take back.
    await step(
        following=cutting.following,
        account_id=account_id,
        event=Event.CUT_DECLINED,
        by=by,
        note=why,
        transaction=transaction,
        now=now,
        change=lambda pursuit: pursuit.eased(cutting.following.today(now)),
    )


_HAPPENED: Final = {SupplyKind.DISCONNECT: Event.CUT_DONE, SupplyKind.RECONNECT: Event.SUPPLY_BACK}


async def _look(cutting: Cutting, account_id: AccountId, transaction: Transaction, now: datetime) -> _Seen | Refusal:
    found = await pursuit_of(following=cutting.following, account_id=account_id, transaction=transaction, now=now)
    if isinstance(found, Refusal):
        return found
    pursuit, debts = found
    today: date = cutting.following.today(now)
    rules = pursuit.policy(today)
    if rules is None or pursuit.notice is None:
        return NO_NOTICE
    notice_id = NoticeId(UUID(pursuit.notice))
    notice = (await cutting.notices.load([notice_id], transaction=transaction)).get(notice_id)
    may = may_cut(pursuit=pursuit, debts=debts, notice=notice, rules=rules, today=today, zone=cutting.following.zone)
    if may is not True or notice is None:
        return may if may is not True else NO_NOTICE
    if await is_paying(cutting.intents, account_id, now=now):
        return PAYING
    return _Seen(pursuit, rules, notice)
