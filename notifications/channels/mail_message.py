"""A mail as it goes over the wire: multipart text and HTML with attachments, headers that cannot be injected into."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from uuid import UUID

from gridhall.notifications.channels.port import MailContent

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_ADDRESS_CHARACTERS = 254
_BREAKING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SEVEN_BIT = SMTP.clone(cte_type="7bit")


def is_address(text: str) -> bool:
    """Whether `text` is exactly one plain mail address: no display name, no list, no line break."""
    return len(text) <= _ADDRESS_CHARACTERS and _ADDRESS.fullmatch(text) is not None


def parse_sender(text: str) -> Address:
    """Read `name <address>`. Raises ValueError where the address is none."""
    name, address = parseaddr(text)
    if not is_address(address):
        raise ValueError(f"mail_sender: {text!r} holds no mail address; write it like name <bills@supplier.example>")
    return Address(display_name=name, addr_spec=address)


def message_id(delivery_id: UUID, *, sender: Address) -> str:
    """Return the Message-ID of a delivery: the same at every attempt, so that a doubled mail shows once."""
    return f"<{delivery_id}@{sender.domain}>"


def compose(content: MailContent, *, delivery_id: UUID, recipient: str, sender: Address, now: datetime) -> EmailMessage:
    """Build the mail. `recipient` has passed `is_address`; line breaks in the subject or a file name become spaces."""
    mail = EmailMessage(policy=_SEVEN_BIT)
    mail["From"] = sender
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = _one_line(content.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(delivery_id, sender=sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(content.text)
    if content.html is not None:
        mail.add_alternative(content.html, subtype="html")
    for attachment in content.attachments:
        kind, _, subkind = attachment.media_type.partition("/")
        mail.add_attachment(attachment.content, maintype=kind, subtype=subkind, filename=_one_line(attachment.filename))
    return mail


def _one_line(text: str) -> str:
    return _BREAKING.sub(" ", text).strip()
