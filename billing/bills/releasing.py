"""Deciding on a held bill: a person has looked at what the review found, and says why it is right, or wrong.

A release above the limit of its kind is only prepared by whoever looked; another person approves it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gridhall.billing.approvals.model import (
    BY_RULE,
    Kind,
    OvertakenError,
    Request,
    State,
    request_for,
    request_id,
)
from gridhall.billing.approvals.operations import Approvals, Waiting, prepare
from gridhall.billing.arrears.following import bills_issued
from gridhall.billing.bills.holds import Hold, HoldMove, hold_from
from gridhall.billing.bills.issuing import Issuing, close_days, issued, issued_event, postings_of
from gridhall.billing.bills.model import Bill, BillId, BillStatus, Decision
from gridhall.billing.bills.states import Move, moved
from gridhall.billing.corrections.operations import look_again
from gridhall.billing.ledger.operations import post
from gridhall.billing.waits.model import Waiting as MonthWaits
from gridhall.kit.localdays import local_day
from gridhall.kit.mongo import Transaction

SENT_BACK: Final = "sent_back"
"""What the month of a rejected bill waits for: that its cause is mended and it is billed again."""


@dataclass(frozen=True, slots=True)
class Released:
    """The bill is issued."""

    bill_id: BillId


@dataclass(frozen=True, slots=True)
class ReleasePrepared:
    """The release waits for a second person; the bill stays held until then."""

    bill_id: BillId
    request: Request


@dataclass(frozen=True, slots=True)
class Rejected:
    """The bill is void, and its month is to be billed again."""

    bill_id: BillId


@dataclass(frozen=True, slots=True)
class Assigned:
    """The bill is in somebody's care."""

    bill_id: BillId
    owner: str


@dataclass(frozen=True, slots=True)
class NotHeld:
    """There is no such bill, or it is not held (any more)."""


async def release(
    *, issuing: Issuing, approvals: Approvals, bill_id: BillId, reviewer: str, reason: str, now: datetime
) -> Released | ReleasePrepared | NotHeld:
    """Issue a held bill as it is, or, where its amount asks for two, prepare that. The reason is kept with the bill.

    Whoever had the bill in care does not approve its release either. Idempotent: what was released before is not held
    any more, and what was prepared before is not prepared twice.
    """

    async def work(transaction: Transaction) -> Released | ReleasePrepared | NotHeld:
        bill = await _held(issuing, bill_id, transaction)
        if bill is None:
            return NotHeld()
        hold = _hold(bill, issuing)
        account = (await issuing.accounts.load([bill.account_id], transaction=transaction))[bill.account_id]
        request = request_for(
            account,
            kind=Kind.RELEASE,
            key=_key(bill.id, hold),
            amount=bill.total,
            reason=reason,
            by=reviewer,
            now=now,
            payload={
                "bill_id": str(bill.id),
                "month": str(bill.month),
                "findings": [one.code for one in bill.findings],
            },
            barred=(hold.owner,) if hold.owner else (),
        )
        outcome = await prepare(approvals=approvals, request=request, transaction=transaction)
        if not isinstance(outcome, Waiting):
            return Released(bill_id)
        if not hold.awaits_approval:
            prepared = hold.after(HoldMove.RELEASE_PREPARED, at=now, by=reviewer, note=reason)
            await issuing.bills.replace_held(replace(bill, hold=prepared), transaction=transaction)
        return ReleasePrepared(bill_id, outcome.request)

    outcome = await issuing.mongo.transact(work)
    if isinstance(outcome, Released):
        await released(issuing=issuing, bill_id=bill_id, now=now)
    return outcome


async def reject(
    *, issuing: Issuing, approvals: Approvals, bill_id: BillId, reviewer: str, reason: str, now: datetime
) -> Rejected | NotHeld:
    """Void a held bill: nothing is posted, and the next run bills its month again as the next in sequence.

    A release that waits for a second person is withdrawn with it. Idempotent likewise.
    """

    async def work(transaction: Transaction) -> Rejected | NotHeld:
        bill = await _held(issuing, bill_id, transaction)
        if bill is None:
            return NotHeld()
        decision = Decision(by=reviewer, reason=reason, at=now)
        void = replace(moved(bill, Move.REJECT, at=now, by=reviewer), decision=decision)
        await issuing.bills.replace_held(void, transaction=transaction)
        waits_for = request_id(Kind.RELEASE, _key(bill.id, _hold(bill, issuing)))
        for request in (await approvals.requests.load([waits_for], transaction=transaction)).values():
            withdrawn = request.decided(State.REFUSED, by=reviewer, reason=reason, now=now)
            await approvals.requests.settle(withdrawn, transaction=transaction)
        accounts = await issuing.accounts.load([bill.account_id], transaction=transaction)
        await issuing.waits.keep(
            month=bill.month,
            waiting={bill.account_id: MonthWaits(SENT_BACK, (("by", reviewer), ("reason", reason)))},
            accounts=accounts,
            settled=(),
            now=now,
            transaction=transaction,
        )
        return Rejected(bill_id)

    return await issuing.mongo.transact(work)


async def assign(*, issuing: Issuing, bill_id: BillId, owner: str, by: str, now: datetime) -> Assigned | NotHeld:
    """Put a held bill into somebody's care: one's own, or a colleague's, whoever had it before."""

    async def work(transaction: Transaction) -> Assigned | NotHeld:
        bill = await _held(issuing, bill_id, transaction)
        if bill is None:
            return NotHeld()
        hold = _hold(bill, issuing)
        if hold.owner != owner:
            given = hold.after(HoldMove.ASSIGNED, at=now, by=by, note=owner)
            await issuing.bills.replace_held(replace(bill, hold=given), transaction=transaction)
        return Assigned(bill_id, owner)

    return await issuing.mongo.transact(work)


async def carry_out(issuing: Issuing, request: Request, transaction: Transaction) -> None:
    """Issue a held bill as its release is approved: it is the preparer's decision, with who approved it."""
    bill, now = await _held(issuing, _bill_id(request), transaction), request.decided_at
    if bill is None or now is None:
        raise OvertakenError("not_held")
    account = (await issuing.accounts.load([bill.account_id], transaction=transaction))[bill.account_id]
    approved_by = None if request.decided_by == BY_RULE else request.decided_by
    fresh = replace(
        issued(bill, account=account, now=now, today=local_day(now, issuing.zone), by=request.prepared_by),
        decision=Decision(by=request.prepared_by, reason=request.reason, at=now, approved_by=approved_by),
    )
    await issuing.bills.replace_held(fresh, transaction=transaction)
    await post(
        postings=postings_of(fresh, account=account, now=now),
        ledger=issuing.ledger,
        accounts=issuing.accounts,
        transaction=transaction,
    )
    await bills_issued(following=issuing.following, bills=[fresh], transaction=transaction)
    await issuing.outbox.add([issued_event(fresh, now=now)], transaction=transaction)
    await close_days([fresh], closings=issuing.closings, transaction=transaction, now=now)


async def send_back(issuing: Issuing, request: Request, transaction: Transaction) -> None:
    """Put a bill back into the queue as its release is refused, with the reason."""
    bill = await _held(issuing, _bill_id(request), transaction)
    if bill is None or request.decided_at is None or request.decided_by is None:
        return
    hold = _hold(bill, issuing).after(
        HoldMove.SENT_BACK, at=request.decided_at, by=request.decided_by, note=request.decision
    )
    await issuing.bills.replace_held(replace(bill, hold=hold), transaction=transaction)


async def look_after(issuing: Issuing, request: Request) -> None:
    """Look again at a bill whose release was approved."""
    if request.decided_at is not None:
        await released(issuing=issuing, bill_id=_bill_id(request), now=request.decided_at)


async def released(*, issuing: Issuing, bill_id: BillId, now: datetime) -> None:
    """Look again at a bill that was released: what changed of its readings while it was held is noted beside it."""
    bill = (await issuing.bills.load([bill_id])).get(bill_id)
    shown = [bill] if bill is not None and bill.status.shown else []
    await look_again(questioning=issuing.questioning, bills=shown, now=now)


async def _held(issuing: Issuing, bill_id: BillId, transaction: Transaction) -> Bill | None:
    bill = (await issuing.bills.load([bill_id], transaction=transaction)).get(bill_id)
    if bill is None or bill.status is not BillStatus.HELD:
        return None
    if bill.org_path:
        return bill
    # Of schema 1, which did not say where a bill lies: whatever is written of it now has to.
    account = (await issuing.accounts.load([bill.account_id], transaction=transaction))[bill.account_id]
    return replace(bill, org_path=account.org_path)


def _hold(bill: Bill, issuing: Issuing) -> Hold:
    """Return the hold of a held bill; one that was held before there were such is reckoned from the day it was made."""
    return bill.hold or hold_from(local_day(bill.made_at, issuing.zone))


def _key(bill_id: BillId, hold: Hold) -> str:
    """Return the key of a release: another one for each try, since what was refused stays refused."""
    return f"{bill_id}:{hold.tries}"


def _bill_id(request: Request) -> BillId:
    return BillId(UUID(str(request.payload["bill_id"])))
