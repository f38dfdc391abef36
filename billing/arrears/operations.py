"""The daily scan: due rows become events, one an account, and move to their next step."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.model import Reminder, climb
from gridhall.billing.arrears.policies import Stage
from gridhall.billing.arrears.repository import ReminderRepository
from gridhall.billing.bills.model import BillId
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Event, Outbox

SCANNED_AT_ONCE: Final = 500
_ORDER: Final = list(Stage)


@dataclass(frozen=True, slots=True)
class Arrears:
    """What the scan needs at hand."""

    mongo: Mongo
    reminders: ReminderRepository
    outbox: Outbox


async def scan(*, arrears: Arrears, region: str, today: date, now: datetime) -> int:
    """Raise a `billing.reminder_due` event for every account of a region that is to be reminded; return how many.

    Idempotent: a row that was taken has moved on, and an event and its rows are one transaction. Two scans at once
    share the rows between them by write conflicts.
    """
    raised = 0
    while due := await arrears.reminders.due(region=region, on=today, limit=SCANNED_AT_ONCE):

        async def work(transaction: Transaction, due: Sequence[Reminder] = due) -> int:
            return await _take(arrears, due, today=today, now=now, transaction=transaction)

        raised += await arrears.mongo.transact(work)
    return raised


async def _take(
    arrears: Arrears, due: Sequence[Reminder], *, today: date, now: datetime, transaction: Transaction
) -> int:
    # Read again inside the transaction: what was paid, or taken by another scan meanwhile, is not there any more.
    rows = await arrears.reminders.of_accounts({one.account_id for one in due}, transaction=transaction)
    later: list[Reminder] = []
    done: list[BillId] = []
    stages: dict[AccountId, dict[BillId, Stage]] = defaultdict(dict)
    for row in rows:
        if row.next_on > today:
            continue
        stage, following = climb(row, today=today)
        if stage is not None:
            stages[row.account_id][row.bill_id] = stage
        if following is None or following == row:
            done.append(row.bill_id)
        else:
            later.append(following)
    await arrears.reminders.move(later=later, done=done, transaction=transaction)
    events = [_event(account_id, bills, now=now) for account_id, bills in stages.items()]
    await arrears.outbox.add(events, transaction=transaction)
    return len(events)


def _event(account_id: AccountId, bills: dict[BillId, Stage], *, now: datetime) -> Event:
    """One event an account, however many of its bills are due: its sternest stage speaks for all."""
    sternest = max(bills, key=lambda bill_id: _ORDER.index(bills[bill_id]))
    return Event(
        kind="billing.reminder_due",
        about=account_id,
        at=now,
        payload={"stage": str(bills[sternest]), "bill_id": str(sternest)},
    )
