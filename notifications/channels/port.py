"""What the post office asks of every way to a customer: one message in, one of four outcomes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol
from uuid import UUID


class SendState(StrEnum):
    """How one attempt ended, as far as we know.

    SENT: the provider took it; a receipt may still say otherwise.
    FAILED: it was refused, and would be refused again.
    RETRY: it was certainly not taken, and may be tried again later.
    UNKNOWN: it may or may not have been taken; only a receipt settles that, a second attempt could send it twice.
    """

    SENT = "sent"
    FAILED = "failed"
    RETRY = "retry"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SendResult:
    """The outcome of one attempt.

    provider_reference: the provider's name of the message, for receipts and complaints.
    reason: a code for logs and the delivery ledger, never a sentence and never personal data.
    suppress_recipient: the address or number itself is dead; do not write to it again.
    """

    state: SendState
    provider_reference: str | None = None
    reason: str | None = None
    suppress_recipient: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail; media_type is written like `application/pdf`."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class MailContent:
    """A mail: the same said as plain text and as HTML."""

    subject: str
    text: str
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class SmsContent:
    """A text message: the code of a template that the carriers approved, and what is filled in."""

    template_code: str
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class WeChatContent:
    """A subscribe message: WeChat's id of the template, the page that a tap opens, and a value for each keyword."""

    template_id: str
    page: str
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to one recipient.

    delivery_id: ours, from the delivery ledger; providers carry it, so that a receipt finds its delivery.
    recipient: a mail address, a phone number or an openid.
    """

    delivery_id: UUID
    recipient: str
    content: MailContent | SmsContent | WeChatContent


class Channel(Protocol):
    """One way to a customer. Expected outcomes are results; only a mistake of ours is raised."""

    @property
    def name(self) -> str:
        """Name of the channel in metrics and the delivery ledger: `mail`, `sms`, `wechat`."""

    async def send(self, message: OutgoingMessage) -> SendResult:
        """Attempt to send once, within the channel's time limit.

        Raises WrongContentError where the content is not of this channel.
        """


class WrongContentError(TypeError):
    """A message was handed to a channel that cannot carry its content."""

    def __init__(self, *, channel: str, content: object) -> None:
        super().__init__(f"the channel {channel} cannot carry {type(content).__name__}")
