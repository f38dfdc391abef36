"""The ledger of consents: credits come in as the client reports them, and go out one a message.

WeChat tells nobody how many messages a user has allowed, so we count: a one-time consent is one message. Its word
is final all the same: where it refuses for want of consent, our count is wrong and becomes zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from gridhall.crm.consents.model import Consent
from gridhall.crm.consents.repository import ConsentRepository
from gridhall.crm.customers.model import Customer, CustomerId
from gridhall.crm.wechat.templates import Templates
from gridhall.kit.subject import Refusal

NOT_LINKED: Final = Refusal("wechat.not_linked")
UNKNOWN_TEMPLATE: Final = "wechat.unknown_template"


@dataclass(frozen=True, slots=True)
class Consents:
    """The ledger of all customers. Templates are named by our key, the kind of notification."""

    repository: ConsentRepository
    templates: Templates

    async def of(self, customer_id: CustomerId) -> list[Consent]:
        """Return what a customer allowed, each template once, also those of which nothing is allowed."""
        left = await self.repository.credits(customer_id, self.templates)
        return [
            Consent(key, template.id, left.get(key, 0), template.long_term) for key, template in self.templates.items()
        ]

    async def report(
        self, *, customer: Customer, templates: Iterable[str], key: str, now: datetime
    ) -> list[Consent] | Refusal:
        """Note the templates that a user just allowed in the client. Idempotent by `key`, of the client's making."""
        if customer.openid is None:
            return NOT_LINKED
        accepted = list(dict.fromkeys(templates))
        for template in accepted:
            if template not in self.templates:
                return Refusal(UNKNOWN_TEMPLATE, {"allowed": ", ".join(self.templates)})
        for template in accepted:
            await self.repository.credit(customer.id, template, key=key, now=now)
        return await self.of(customer.id)

    async def take(self, *, customer_id: CustomerId, template: str, delivery_id: UUID, now: datetime) -> bool:
        """Say whether a delivery may be sent, and use a one-time consent up by it. Idempotent by delivery.

        A template that is none of ours, or is not of the file any more, is allowed by nobody.
        """
        known = self.templates.get(template)
        if known is None:
            return False
        if known.long_term:
            return (await self.repository.credits(customer_id, [template])).get(template, 0) > 0
        return await self.repository.take(customer_id, template, delivery_id=delivery_id, now=now)

    async def give_back(self, *, customer_id: CustomerId, template: str, delivery_id: UUID, now: datetime) -> bool:
        """Give a delivery's consent back, because it was certainly not sent. Idempotent: False the second time."""
        return await self.repository.give_back(customer_id, template, delivery_id=delivery_id, now=now)

    async def used_up(self, *, customer_id: CustomerId, template: str, now: datetime) -> None:
        """Note that WeChat says nothing is allowed (any more), whatever we counted."""
        await self.repository.empty(customer_id, template, now=now)
