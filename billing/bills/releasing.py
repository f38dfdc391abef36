"""Deciding on a held bill: a person has looked at what the review found, and says why it is right, or wrong."""

from dataclasses import dataclass, replace
from datetime import datetime

from gridhall.billing.arrears.following import bills_issued
from gridhall.billing.bills.issuing import Issuing, close_days, issued, issued_event, postings_of
from gridhall.billing.bills.model import Bill, BillId, BillStatus, Decision
from gridhall.billing.corrections.operations import look_again
from gridhall.billing.ledger.operations import post
from gridhall.kit.localdays import local_day
from gridhall.kit.mongo import Transaction
from gridhall.kit.outbox import Event


@dataclass(frozen=True, slots=True)
class Released:
    """The bill is issued."""

    bill_id: BillId


@dataclass(frozen=True, slots=True)
class Rejected:
    """The bill is void, and its month is to be billed again."""

    bill_id: BillId


@dataclass(frozen=True, slots=True)
class NotHeld:
    """There is no such bill, or it is not held (any more)."""


async def release(
    *, issuing: Issuing, bill_id: BillId, reviewer: str, reason: str, now: datetime
) -> Released | NotHeld:
    """Issue a held bill as it is. The reviewer and the reason are kept with it.

    Idempotent: what was released before is not held any more and is left alone.
    """

    async def work(transaction: Transaction) -> Released | NotHeld:
        bill = await _held(issuing, bill_id, transaction)
        if bill is None:
            return NotHeld()
        account = (await issuing.accounts.load([bill.account_id], transaction=transaction))[bill.account_id]
        fresh = replace(
            issued(bill, account=account, now=now, today=local_day(now, issuing.zone)),
            decision=Decision(by=reviewer, reason=reason, at=now),
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
        return Released(bill_id)

    outcome = await issuing.mongo.transact(work)
    released = (await issuing.bills.load([bill_id])).get(bill_id) if isinstance(outcome, Released) else None
    await look_again(questioning=issuing.questioning, bills=[released] if released else [], now=now)
    return outcome


async def reject(*, issuing: Issuing, bill_id: BillId, reviewer: str, reason: str, now: datetime) -> Rejected | NotHeld:
    """Void a held bill: nothing is posted, and the next run bills its month again as the next in sequence.

    Idempotent likewise.
    """

    async def work(transaction: Transaction) -> Rejected | NotHeld:
        bill = await _held(issuing, bill_id, transaction)
        if bill is None:
            return NotHeld()
        void = replace(bill, status=BillStatus.REJECTED, decision=Decision(by=reviewer, reason=reason, at=now))
        await issuing.bills.replace_held(void, transaction=transaction)
        payload = {"account_id": str(bill.account_id), "month": str(bill.month), "sequence": bill.sequence}
        event = Event(kind="billing.bill_rejected", about=bill.id, at=now, payload=payload)
        await issuing.outbox.add([event], transaction=transaction)
        return Rejected(bill_id)

    return await issuing.mongo.transact(work)


async def _held(issuing: Issuing, bill_id: BillId, transaction: Transaction) -> Bill | None:
    bill = (await issuing.bills.load([bill_id], transaction=transaction)).get(bill_id)
    return bill if bill is not None and bill.status is BillStatus.HELD else None
