"""Delivering: one attempt a claim, and the ledger told how it ended."""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from gridhall.kit.clock import Clock
from gridhall.kit.log import logger
from gridhall.notifications.catalogue import Way
from gridhall.notifications.channels.port import MailContent, OutgoingMessage, SendResult, SendState, SmsContent
from gridhall.notifications.ledger.model import Delivery, DeliveryState
from gridhall.notifications.sending.addressees import Addressed
from gridhall.notifications.sending.compose import as_mail, as_sms, compose
from gridhall.notifications.sending.post_office import PostOffice

_log = logger("notifications")

AT_ONCE: Final = 8
MOST_ATTEMPTS: Final = 8
FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(hours=2)

_ENDS: Final = {
    SendState.SENT: DeliveryState.SENT,
    SendState.FAILED: DeliveryState.FAILED,
    SendState.UNKNOWN: DeliveryState.UNKNOWN,
}


async def deliver(*, office: PostOffice, keys: Sequence[str], clock: Clock) -> dict[str, DeliveryState]:
    """Attempt deliveries, some at a time, and return where they stand.

    Safe to repeat: what is not due, or was sent, or is in another's hands, is left alone.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(key: str) -> None:
        async with gate:
            await _attempt(office, key, clock)

    async with asyncio.TaskGroup() as group:
        for key in keys:
            group.create_task(one(key))
    return await office.deliveries.states(keys)


async def _attempt(office: PostOffice, key: str, clock: Clock) -> None:
    delivery = await office.deliveries.claim(key, now=clock.now())
    if delivery is None:
        return
    result = await _result(office, delivery, clock)
    now = clock.now()
    if result.state is SendState.RETRY and delivery.attempts < MOST_ATTEMPTS:
        await office.deliveries.retry(key, at=next_attempt(delivery.attempts, now=now), reason=result.reason)
    else:
        await office.deliveries.close(
            key,
            state=_ends(result),
            reason=result.reason,
            reference=result.provider_reference,
            now=now,
        )


async def _result(office: PostOffice, delivery: Delivery, clock: Clock) -> SendResult:
    """Attempt once. A mistake of ours is an outcome too: raised, it would cancel the attempts beside it."""
    try:
        message = await _message(office, delivery, clock)
    except Exception:  # noqa: BLE001 - whatever it is, the other letters go on
        _log.exception("a message could not be composed", delivery=str(delivery.id))
        return SendResult(SendState.RETRY, reason="not-composed")
    if message is None:
        return SendResult(SendState.FAILED, reason="no-recipient")
    try:
        return await office.channels[delivery.way].send(message)
    except Exception:  # noqa: BLE001 - likewise
        _log.exception("a channel broke", delivery=str(delivery.id))
        return SendResult(SendState.UNKNOWN, reason="channel-broke")


async def _message(office: PostOffice, delivery: Delivery, clock: Clock) -> OutgoingMessage | None:
    addressed = await office.addressees.of(delivery.notice, now=clock.now())
    recipient = addressed.recipients.get(delivery.way) if addressed else None
    if addressed is None or recipient is None:
        return None
    return OutgoingMessage(delivery.id, recipient, await _content(office, delivery, addressed))


def next_attempt(attempts: int, *, now: datetime) -> datetime:
    """Return when to try again after so many attempts: exponential, with full jitter, two hours at most."""
    ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempts - 1))
    return now + timedelta(seconds=random.uniform(0, ceiling.total_seconds()))  # noqa: S311 - jitter


def _ends(result: SendResult) -> DeliveryState:
    return _ENDS.get(result.state, DeliveryState.FAILED)


async def _content(office: PostOffice, delivery: Delivery, addressed: Addressed) -> MailContent | SmsContent:
    if delivery.way is Way.SMS:
        return as_sms(addressed.notification, templates=office.sms_templates, language=addressed.language)
    composed = compose(addressed.notification, words=office.words, language=addressed.language)
    return as_mail(composed, words=office.words, attachments=await office.enclosures.of(delivery.notice))
