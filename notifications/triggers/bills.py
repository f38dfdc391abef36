"""Events of bills and payments become notifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gridhall.billing.accounts.model import AccountId, masked_number
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.bills.model import BillId
from gridhall.billing.bills.repository import BillRepository
from gridhall.kit.localdays import local_day
from gridhall.kit.outbox import Outbox
from gridhall.notifications.catalogue import BillIssued, PaymentReceived
from gridhall.notifications.sending.notify import Telling, notify
from gridhall.notifications.sending.post_office import PostOffice
from gridhall.notifications.triggers.audience import Audience


@dataclass(frozen=True, slots=True)
class Newsroom:
    """What turning events into notifications needs at hand."""

    office: PostOffice
    outbox: Outbox
    bills: BillRepository
    accounts: AccountRepository
    audience: Audience
    zone: str


async def tell_issued_bills(*, newsroom: Newsroom, event_ids: Sequence[UUID], now: datetime) -> list[str]:
    """Tell the people of each account that its bill is ready; return the keys of the deliveries.

    Idempotent: a bill and a customer are one notice, however often the event comes.
    """
    events = {BillId(event.about): event for event in await newsroom.outbox.load(event_ids)}
    bills = await newsroom.bills.load(events)
    accounts = await newsroom.accounts.load({bill.account_id for bill in bills.values()})
    people = await newsroom.audience.of(list(accounts))
    tellings = [
        Telling(
            key=f"{bill.id}:{customer.id}",
            customer=customer,
            notification=BillIssued(
                bill_id=bill.id,
                account=masked_number(accounts[bill.account_id].number),
                month=str(bill.month),
                kwh=str(bill.kwh),
                total=bill.total,
                to_pay=bill.total - bill.prepaid,
                due_on=bill.due_on,
            ),
            at=events[bill.id].at,
            account_id=bill.account_id,
        )
        for bill in bills.values()
        if bill.due_on is not None
        for customer in people.get(bill.account_id, ())
    ]
    return await notify(office=newsroom.office, tellings=tellings, now=now)


async def tell_payments(*, newsroom: Newsroom, event_ids: Sequence[UUID], now: datetime) -> list[str]:
    """Tell the people of each account that a payment arrived; return the keys of the deliveries. Idempotent."""
    events = await newsroom.outbox.load(event_ids)
    accounts = await newsroom.accounts.load({AccountId(event.about) for event in events})
    people = await newsroom.audience.of(list(accounts))
    tellings = [
        Telling(
            key=f"{event.payload['provider']}:{event.payload['number']}:{customer.id}",
            customer=customer,
            notification=PaymentReceived(
                account=masked_number(accounts[AccountId(event.about)].number),
                amount=int(str(event.payload["fen"])),
                paid_on=local_day(_instant(event.payload["paid_at"]), newsroom.zone),
                owed=accounts[AccountId(event.about)].balance.owed,
            ),
            at=event.at,
            account_id=AccountId(event.about),
        )
        for event in events
        for customer in people.get(AccountId(event.about), ())
    ]
    return await notify(office=newsroom.office, tellings=tellings, now=now)


def _instant(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError(f"an instant was expected, not {type(value).__name__}")
    return value
