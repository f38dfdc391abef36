"""A message by WeChat takes a consent along, and gives it back where it certainly did not go out."""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from gridhall.crm.consents.operations import Consents
from gridhall.crm.customers.model import CustomerId
from gridhall.kit.clock import Clock
from gridhall.notifications.channels.port import SendResult, SendState
from gridhall.notifications.channels.wechat import NO_CONSENT

_NOT_SENT: Final = frozenset({SendState.FAILED, SendState.RETRY})


async def send_with_consent(
    *,
    consents: Consents,
    customer_id: CustomerId,
    template: str,
    delivery_id: UUID,
    attempt: Callable[[], Awaitable[SendResult]],
    clock: Clock,
) -> SendResult:
    """Attempt a delivery if the customer allows one more of its template; else it failed for want of consent.

    Where the outcome is unknown the consent stays used: WeChat may have used it.
    """
    held = await consents.take(customer_id=customer_id, template=template, delivery_id=delivery_id, now=clock.now())
    if not held:
        return SendResult(SendState.FAILED, reason=NO_CONSENT)
    result = await attempt()
    if result.reason == NO_CONSENT:
        await consents.used_up(customer_id=customer_id, template=template, now=clock.now())
    elif result.state in _NOT_SENT:
        await consents.give_back(customer_id=customer_id, template=template, delivery_id=delivery_id, now=clock.now())
    return result
