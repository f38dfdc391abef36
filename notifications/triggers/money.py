"""Refunds that are over, and collections that failed, become notifications."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from gridhall.billing.accounts.model import AccountId, masked_number
from gridhall.billing.bank.model import MOST_ATTEMPTS
from gridhall.crm.customers.model import Role
from gridhall.kit.outbox import Event
from gridhall.notifications.catalogue import CollectionFailed, RefundOver
from gridhall.notifications.catalogue.collection_failed import AGAIN, ENDED, LAST
from gridhall.notifications.sending.notify import Telling, notify
from gridhall.notifications.triggers.bills import Newsroom

REFUND_OVER: Final = "billing.refund_over"


async def tell_money(*, newsroom: Newsroom, event_ids: Sequence[UUID], now: datetime) -> list[str]:
    """Tell whoever pays for an account of a refund or a failed collection; return the keys of the deliveries.

    Idempotent: an event and a customer are one notice.
    """
    events = await newsroom.outbox.load(event_ids)
    accounts = await newsroom.accounts.load({AccountId(event.about) for event in events})
    people = await newsroom.audience.of(list(accounts), roles=(Role.OWNER, Role.MEMBER))
    tellings = [
        Telling(f"{event.id}:{customer.id}", customer, _said(event, account.number), event.at, account.id)
        for event in events
        if (account := accounts.get(AccountId(event.about)))
        for customer in people.get(account.id, ())
    ]
    return await notify(office=newsroom.office, tellings=tellings, now=now)


def _said(event: Event, number: str) -> RefundOver | CollectionFailed:
    payload, amount = event.payload, int(str(event.payload["fen"]))
    if event.kind == REFUND_OVER:
        return RefundOver(str(payload["state"]), masked_number(number), amount, str(payload["number"]))
    last = int(str(payload["attempt"])) >= MOST_ATTEMPTS
    return CollectionFailed(ENDED if payload["stops"] else LAST if last else AGAIN, masked_number(number), amount)
