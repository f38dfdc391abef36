"""Telling: a notification becomes a notice, an inbox item and a delivery a way, each of them once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gridhall.billing.accounts.model import AccountId
from gridhall.crm.customers.model import Customer
from gridhall.notifications.catalogue import Kind, Notification, Registry, Urgency, Way
from gridhall.notifications.ledger.model import Notice
from gridhall.notifications.sending.post_office import PostOffice

SHELF_LIFE: Final = timedelta(days=3)
"""What happened longer ago is only put into the inbox: nobody wants last month's mails all at once."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One notification for one customer. `key` is unique for ever; `at` is when what it tells happened.

    account_id: the account that it is about, for the desk.
    """

    key: str
    customer: Customer
    notification: Notification
    at: datetime
    account_id: AccountId | None = None


async def notify(*, office: PostOffice, tellings: Sequence[Telling], now: datetime) -> list[str]:
    """Write what is to be told and return the keys of the deliveries. Idempotent by the tellings' keys."""
    notices: list[tuple[Notice, dict[Way, str | None]]] = []
    inbox: list[Notice] = []
    for telling in tellings:
        kind = Registry.of(telling.notification)
        notice = Notice(
            key=f"{kind.key}:{telling.key}",
            kind=kind.key,
            customer_id=telling.customer.id,
            at=telling.at,
            data=kind.pack(telling.notification),
            account_id=telling.account_id,
        )
        if Way.INBOX in kind.ways:
            inbox.append(notice)
        notices.append((notice, _ways(kind, telling, now)))
    await office.inbox.add(inbox)
    return await office.deliveries.add(notices, now=now)


def _ways(kind: Kind, telling: Telling, now: datetime) -> dict[Way, str | None]:
    stale = kind.urgency is not Urgency.URGENT and now - telling.at > SHELF_LIFE
    ways: dict[Way, str | None] = {}
    for way in (*kind.ways, *kind.chain[:1]):
        if way is Way.INBOX:
            continue
        if way is Way.MAIL and telling.customer.mail is None:
            ways[way] = "no-mail-address"
        else:
            ways[way] = "too-late" if stale else None
    return ways
