"""Due rows become reminders; and whether anything is still owed is asked again when one is about to be sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from gridhall.billing.accounts.model import AccountId, masked_number
from gridhall.billing.arrears.policies import Stage
from gridhall.billing.arrears.queries import Owed, owed_now
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.payments.repository import IntentRepository
from gridhall.kit.localdays import local_day
from gridhall.kit.outbox import Event
from gridhall.notifications.catalogue import ArrearsReminder, Registry
from gridhall.notifications.ledger.model import Notice
from gridhall.notifications.sending.gates import Decision, Drop, Go, Later
from gridhall.notifications.sending.notify import Telling, notify
from gridhall.notifications.triggers.bills import Newsroom

_BEFORE_DUE = frozenset({Stage.SOON_DUE, Stage.DUE_TODAY})


@dataclass(frozen=True, slots=True)
class StillOwed:
    """The check of a reminder: a reminder after payment is the worst message that a supplier sends."""

    bills: BillRepository
    intents: IntentRepository
    zone: str

    async def ask(self, notice: Notice, *, now: datetime) -> Decision:
        """Drop what is settled, wait for a payment under way, and else name what is owed at this moment."""
        reminder = Registry.keyed(notice.kind).unpack(notice.data)
        if not isinstance(reminder, ArrearsReminder):
            raise TypeError(f"{notice.kind} is no reminder")
        owed = await self.owed(AccountId(reminder.account_id), now=now)
        if not owed.total or owed.oldest_due is None:
            return Drop("settled")
        if owed.paying_until is not None:
            return Later(owed.paying_until, "payment-under-way")
        return Go(replace(reminder, amount=owed.total, bills=owed.bills, due_on=owed.oldest_due))

    async def owed(self, account_id: AccountId, *, now: datetime) -> Owed:
        """Return what an account owes at this moment."""
        return await owed_now(
            account_id=account_id, bills=self.bills, intents=self.intents, today=local_day(now, self.zone), now=now
        )


async def tell_reminders(
    *, newsroom: Newsroom, check: StillOwed, event_ids: Sequence[UUID], now: datetime
) -> list[str]:
    """Remind the people of each account that a scan found; return the keys of the deliveries.

    Idempotent: a bill's step and a customer are one notice.
    """
    events = await newsroom.outbox.load(event_ids)
    accounts = await newsroom.accounts.load({AccountId(event.about) for event in events})
    people = await newsroom.audience.of(list(accounts))
    tellings: list[Telling] = []
    for event in events:
        account = accounts.get(AccountId(event.about))
        if account is None:
            continue
        owed = await check.owed(account.id, now=now)
        if not owed.total or owed.oldest_due is None:
            continue
        reminder = _reminder(event, number=account.number, owed=owed)
        tellings += [
            Telling(f"{reminder.bill_id}:{event.payload['stage']}:{customer.id}", customer, reminder, event.at)
            for customer in people[account.id]
        ]
    return await notify(office=newsroom.office, tellings=tellings, now=now)


def _reminder(event: Event, *, number: str, owed: Owed) -> ArrearsReminder:
    stage = Stage(str(event.payload["stage"]))
    if owed.oldest_due is None:
        raise ValueError("nothing is due")
    return ArrearsReminder(
        variant="soon" if stage in _BEFORE_DUE else "overdue",
        account_id=event.about,
        bill_id=UUID(str(event.payload["bill_id"])),
        account=masked_number(number),
        amount=owed.total,
        bills=owed.bills,
        due_on=owed.oldest_due,
    )
