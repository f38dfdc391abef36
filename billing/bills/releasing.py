"""Releasing a held bill: a person has looked at what the review found, and says why it is right."""

from dataclasses import dataclass
from datetime import datetime

from gridhall.billing.arrears.model import first_reminder
from gridhall.billing.bills.issuing import Issuing, issued, issued_event, postings_of
from gridhall.billing.bills.model import BillId, BillStatus
from gridhall.billing.ledger.operations import post
from gridhall.kit.localdays import local_day
from gridhall.kit.mongo import Transaction


@dataclass(frozen=True, slots=True)
class Released:
    """The bill is issued."""

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
        bill = (await issuing.bills.load([bill_id], transaction=transaction)).get(bill_id)
        if bill is None or bill.status is not BillStatus.HELD:
            return NotHeld()
        account = (await issuing.accounts.load([bill.account_id], transaction=transaction))[bill.account_id]
        fresh = issued(bill, account=account, now=now, today=local_day(now, issuing.zone))
        await issuing.bills.replace_held(fresh, reviewer=reviewer, reason=reason, transaction=transaction)
        await post(
            postings=postings_of(fresh, account=account, now=now),
            ledger=issuing.ledger,
            accounts=issuing.accounts,
            transaction=transaction,
        )
        reminder = first_reminder(fresh)
        await issuing.reminders.add([reminder] if reminder else [], transaction=transaction)
        await issuing.outbox.add([issued_event(fresh, now=now)], transaction=transaction)
        return Released(bill_id)

    return await issuing.mongo.transact(work)
