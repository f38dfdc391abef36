"""Due rows become reminders; and whether anything is still owed is asked again when one is about to be sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from gridhall.billing.accounts.model import AccountId, masked_number
from gridhall.billing.arrears.at_hand import Following
from gridhall.billing.arrears.policies import Stage
from gridhall.billing.arrears.queries import Owed, owed_now
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.payments.repository import IntentRepository
from gridhall.crm.customers.model import Role
from gridhall.kit.localdays import local_day
from gridhall.kit.outbox import Event
from gridhall.notifications.catalogue import ArrearsReminder, Registry
from gridhall.notifications.catalogue.arrears_reminder import OVERDUE, SOON
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
    following: Following

    async def ask(self, notice: Notice, *, now: datetime) -> Decision:
        """Drop what is settled, wait for a payment under way, and else name what is owed at this moment."""
        reminder = Registry.keyed(notice.kind).unpack(notice.data)
        if not isinstance(reminder, ArrearsReminder):
            raise TypeError(f"{notice.kind} is no reminder")
        owed = await self.owed(AccountId(reminder.account_id), now=now)
        fresh = as_it_stands(reminder, owed)
        if fresh is None:
            return Drop("settled")
        if owed.paying_until is not None:
            return Later(owed.paying_until, "payment-under-way")
        return Go(fresh)

    async def owed(self, account_id: AccountId, *, now: datetime) -> Owed:
        """Return what an account owes at this moment."""
        return await owed_now(
            account_id=account_id,
            bills=self.bills,
            intents=self.intents,
            following=self.following,
            today=local_day(now, self.zone),
            now=now,
        )


async def tell_reminders(
    *, newsroom: Newsroom, check: StillOwed, event_ids: Sequence[UUID], now: datetime
) -> list[str]:
    """Remind the people of each account that a scan found; return the keys of the deliveries.

    Idempotent: a bill's step and a customer are one notice.
    """
    events = await newsroom.outbox.load(event_ids)
    accounts = await newsroom.accounts.load({AccountId(event.about) for event in events})
    # Who only looks on is not asked to pay.
    people = await newsroom.audience.of(list(accounts), roles=(Role.OWNER, Role.MEMBER))
    tellings: list[Telling] = []
    for event in events:
        account = accounts.get(AccountId(event.about))
        if account is None:
            continue
        owed = await check.owed(account.id, now=now)
        if owed.oldest_due is None:
            continue
        reminder = as_it_stands(_reminder(event, number=account.number, due_on=owed.oldest_due), owed)
        if reminder is None:
            continue
        tellings += [
            Telling(
                f"{reminder.bill_id}:{event.payload['stage']}:{customer.id}", customer, reminder, event.at, account.id
            )
            for customer in people[account.id]
        ]
    return await notify(office=newsroom.office, tellings=tellings, now=now)


def as_it_stands(reminder: ArrearsReminder, owed: Owed) -> ArrearsReminder | None:
    """Return a reminder with what is owed now, or None where all that it would remind of is settled.

    What is owed now may be another bill, issued meanwhile: nobody is told that it is overdue before its day, nor asked
    early for it. Where something is overdue, it alone is asked for, whatever the step.
    """
    if not owed.total or owed.oldest_due is None:
        return None
    settled = not owed.overdue if reminder.variant == OVERDUE else owed.oldest_due > reminder.due_on
    if settled:
        return None
    if owed.overdue:
        return replace(
            reminder,
            variant=OVERDUE,
            amount=owed.overdue,
            bills=owed.overdue_bills,
            due_on=owed.oldest_due,
            penalty=owed.penalty,
        )
    return replace(reminder, variant=SOON, amount=owed.total, bills=owed.bills, due_on=owed.oldest_due)


def _reminder(event: Event, *, number: str, due_on: date) -> ArrearsReminder:
    return ArrearsReminder(
        variant=SOON if Stage(str(event.payload["stage"])) in _BEFORE_DUE else OVERDUE,
        account_id=event.about,
        bill_id=UUID(str(event.payload["bill_id"])),
        account=masked_number(number),
        amount=0,
        bills=0,
        due_on=due_on,
    )
