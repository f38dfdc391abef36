"""What the post office has at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from gridhall.crm.consents.operations import Consents
from gridhall.kit.words import Words
from gridhall.notifications.catalogue import Way
from gridhall.notifications.channels.port import Attachment, Channel
from gridhall.notifications.inbox.repository import InboxRepository
from gridhall.notifications.ledger.model import Notice
from gridhall.notifications.ledger.repository import DeliveryRepository
from gridhall.notifications.sending.addressees import Addressees
from gridhall.notifications.sending.gates import Gates


class Enclosures(Protocol):
    """Makes what is attached to a mail, when it is sent: nothing is kept that can be rendered again."""

    async def of(self, notice: Notice) -> tuple[Attachment, ...]:
        """Return the attachments of a notice."""


@dataclass(frozen=True, slots=True)
class PostOffice:
    """Ledger, inboxes, channels and words.

    sms_templates: the carrier-approved template code of each kind of notification that goes out as a text message.
    consents: what customers allowed to be sent by WeChat, with its templates.
    """

    addressees: Addressees
    deliveries: DeliveryRepository
    inbox: InboxRepository
    channels: Mapping[Way, Channel]
    enclosures: Enclosures
    gates: Gates
    words: Words
    sms_templates: Mapping[str, str]
    consents: Consents
