"""A projected bill above its customer's limit becomes a notification."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gridhall.billing.accounts.model import Account, AccountId, masked_number
from gridhall.kit.outbox import Event
from gridhall.notifications.catalogue import ProjectedBillHigh
from gridhall.notifications.sending.notify import Telling, notify
from gridhall.notifications.triggers.bills import Newsroom


async def tell_high_bills(*, newsroom: Newsroom, event_ids: Sequence[UUID], now: datetime) -> list[str]:
    """Tell the people of each account that its bill will likely be high; return the keys of the deliveries.

    Idempotent: an account, a month and a customer are one notice.
    """
    events = await newsroom.outbox.load(event_ids)
    accounts = await newsroom.accounts.load({AccountId(event.about) for event in events})
    people = await newsroom.audience.of(list(accounts))
    tellings = [
        Telling(
            key=f"{account.id}:{event.payload['month']}:{customer.id}",
            customer=customer,
            notification=_said(event, account),
            at=event.at,
            account_id=account.id,
        )
        for event in events
        if (account := accounts.get(AccountId(event.about)))
        for customer in people.get(account.id, ())
    ]
    return await notify(office=newsroom.office, tellings=tellings, now=now)


def _said(event: Event, account: Account) -> ProjectedBillHigh:
    likely, low, high, limit = (int(str(event.payload[name])) for name in ("likely", "low", "high", "limit"))
    return ProjectedBillHigh(
        account=masked_number(account.number),
        month=str(event.payload["month"]),
        likely=likely,
        low=low,
        high=high,
        limit=limit,
    )
