"""Delivering: one attempt a claim, and the ledger told how it ended."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from gridhall.kit.clock import Clock
from gridhall.kit.log import logger
from gridhall.notifications.catalogue import Notification, Registry, Way
from gridhall.notifications.channels.port import (
    MailContent,
    OutgoingMessage,
    SendResult,
    SendState,
    SmsContent,
    WeChatContent,
)
from gridhall.notifications.ledger.model import Delivery, DeliveryState
from gridhall.notifications.sending.addressees import Addressed
from gridhall.notifications.sending.compose import as_mail, as_sms, as_wechat, compose
from gridhall.notifications.sending.consent import send_with_consent
from gridhall.notifications.sending.gates import Drop, Go, Later
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
    try:
        decision = await office.gates.ask(delivery.notice, delivery.way, now=clock.now())
    except Exception:  # noqa: BLE001 - logged whole; raised, it would cancel the attempts beside it
        _log.exception("a delivery could not be decided on", delivery=str(delivery.id))
        await _settle(office, delivery, SendResult(SendState.RETRY, reason="not-decided"), clock)
        return
    match decision:
        case Drop(reason):
            await _close(office, delivery, SendResult(SendState.FAILED, reason=reason), DeliveryState.SUPPRESSED, clock)
        case Later(at, reason):
            await office.deliveries.postpone(key, at=at, reason=reason)
        case Go(fresh):
            await _settle(office, delivery, await _result(office, delivery, fresh, clock), clock)


async def _settle(office: PostOffice, delivery: Delivery, result: SendResult, clock: Clock) -> None:
    if result.state is SendState.RETRY and delivery.attempts < MOST_ATTEMPTS:
        at = next_attempt(delivery.attempts, now=clock.now())
        await office.deliveries.retry(delivery.key, at=at, reason=result.reason)
        return
    state = _ENDS.get(result.state, DeliveryState.FAILED)
    following = Registry.keyed(delivery.notice.kind).after(delivery.way) if state is DeliveryState.FAILED else None
    # The next way is written before this one is closed: a crash between the two may tell twice, but never not at all.
    more = [(delivery.notice, {following: None})] if following else []
    keys = await office.deliveries.add(more, now=clock.now())
    await _close(office, delivery, result, state, clock)
    for key in keys:
        await _attempt(office, key, clock)


async def _close(
    office: PostOffice, delivery: Delivery, result: SendResult, state: DeliveryState, clock: Clock
) -> None:
    await office.deliveries.close(
        delivery.key, state=state, reason=result.reason, reference=result.provider_reference, now=clock.now()
    )


async def _result(office: PostOffice, delivery: Delivery, fresh: Notification | None, clock: Clock) -> SendResult:
    """Attempt once. A mistake of ours is an outcome too: raised, it would cancel the attempts beside it."""
    try:
        message = await _message(office, delivery, fresh, clock)
    except Exception:  # noqa: BLE001 - logged whole
        _log.exception("a message could not be composed", delivery=str(delivery.id))
        return SendResult(SendState.RETRY, reason="not-composed")
    if message is None:
        return SendResult(SendState.FAILED, reason="no-recipient")
    try:
        return await _send(office, delivery, message, clock)
    except Exception:  # noqa: BLE001 - logged whole
        _log.exception("a channel broke", delivery=str(delivery.id))
        return SendResult(SendState.UNKNOWN, reason="channel-broke")


async def _send(office: PostOffice, delivery: Delivery, message: OutgoingMessage, clock: Clock) -> SendResult:
    channel, customer_id = office.channels[delivery.way], delivery.notice.customer_id
    if delivery.way is not Way.WECHAT or customer_id is None:
        return await channel.send(message)
    return await send_with_consent(
        consents=office.consents,
        customer_id=customer_id,
        template=delivery.notice.kind,
        delivery_id=delivery.id,
        attempt=lambda: channel.send(message),
        clock=clock,
    )


async def _message(
    office: PostOffice, delivery: Delivery, fresh: Notification | None, clock: Clock
) -> OutgoingMessage | None:
    addressed = await office.addressees.of(delivery.notice, now=clock.now())
    recipient = addressed.recipients.get(delivery.way) if addressed else None
    if addressed is None or recipient is None or delivery.way not in office.channels:
        return None
    if delivery.way is Way.WECHAT and delivery.notice.kind not in office.consents.templates:
        return None  # this deployment has no such template: the next way is taken at once
    if fresh is not None:
        addressed = replace(addressed, notification=fresh)
    return OutgoingMessage(delivery.id, recipient, await _content(office, delivery, addressed))


def next_attempt(attempts: int, *, now: datetime) -> datetime:
    """Return when to try again after so many attempts: exponential, with full jitter, two hours at most."""
    ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempts - 1))
    return now + timedelta(seconds=random.uniform(0, ceiling.total_seconds()))  # noqa: S311 - jitter


async def _content(
    office: PostOffice, delivery: Delivery, addressed: Addressed
) -> MailContent | SmsContent | WeChatContent:
    if delivery.way is Way.SMS:
        return as_sms(addressed.notification, templates=office.sms_templates, language=addressed.language)
    if delivery.way is Way.WECHAT:
        template = office.consents.templates[delivery.notice.kind]
        return as_wechat(addressed.notification, template=template, words=office.words, language=addressed.language)
    composed = compose(addressed.notification, words=office.words, language=addressed.language)
    return as_mail(composed, words=office.words, attachments=await office.enclosures.of(delivery.notice))
