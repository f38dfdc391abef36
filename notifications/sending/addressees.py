"""Who a notice is for, and what it says, found when it is sent: addresses and digits are never kept in the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gridhall.crm.codes.repository import CodeRepository
from gridhall.crm.customers.repository import CustomerRepository
from gridhall.kit.words import LANGUAGES
from gridhall.notifications.catalogue import CodeAsked, Notification, Registry, Way
from gridhall.notifications.ledger.model import Notice


@dataclass(frozen=True, slots=True)
class Addressed:
    """A notification, the language of its reader, and an address for each way that reaches the reader."""

    notification: Notification
    language: str
    recipients: Mapping[Way, str]


@dataclass(frozen=True, slots=True)
class Addressees:
    """Finds addressees among the customers, and those of one-time codes by the code."""

    customers: CustomerRepository
    codes: CodeRepository

    async def of(self, notice: Notice, *, now: datetime) -> Addressed | None:
        """Return whom to send a notice to; None where nobody is left, and where a code has ended meanwhile."""
        if notice.customer_id is None:
            return await self._holder_of_code(UUID(str(notice.data["code_id"])), now)
        customer = (await self.customers.load([notice.customer_id])).get(notice.customer_id)
        if customer is None:
            return None
        recipients = {Way.SMS: customer.phone}
        if customer.mail is not None:
            recipients[Way.MAIL] = customer.mail
        if customer.openid is not None:
            recipients[Way.WECHAT] = customer.openid
        return Addressed(Registry.keyed(notice.kind).unpack(notice.data), customer.language, recipients)

    async def _holder_of_code(self, code_id: UUID, now: datetime) -> Addressed | None:
        code = await self.codes.load(code_id)
        if code is None or code.expires_at <= now:
            return None
        minutes = int((code.expires_at - code.asked_at).total_seconds() // 60)
        return Addressed(CodeAsked(code.digits, minutes), LANGUAGES[0], {Way.SMS: code.phone})
