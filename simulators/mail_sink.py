"""The mail server that delivers nothing: SMTP on loopback, every mail parsed into the mailbox."""

import asyncio
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy

from aiosmtpd.smtp import SMTP, Envelope, Session

from gridhall.kit.clock import Clock
from gridhall.kit.ids import new_id
from gridhall.simulators.mailbox import Kind, Mailbox, Received, ReceivedFile

_LARGEST_MAIL_BYTES = 20 * 2**20
_NO_SUCH_MAILBOX = "nobody@"


class MailSink:
    """Handles SMTP for aiosmtpd: takes every mail, except to `nobody@…`, whom no server knows."""

    def __init__(self, *, mailbox: Mailbox, clock: Clock) -> None:
        self._mailbox = mailbox
        self._clock = clock

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or answer 550 as a server does that has no such mailbox."""
        if address.startswith(_NO_SUCH_MAILBOX):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - likewise
        """Keep the mail once for each recipient."""
        raw = envelope.original_content or b""
        for recipient in envelope.rcpt_tos:
            self._mailbox.put(self._parse(raw, recipient=recipient))
        return "250 2.0.0 kept"

    def _parse(self, raw: bytes, *, recipient: str) -> Received:
        mail = message_from_bytes(raw, policy=default_policy)
        return Received(
            id=new_id(),
            kind=Kind.MAIL,
            recipient=recipient,
            sender=str(mail.get("From", "")),
            subject=str(mail.get("Subject", "")),
            text=_body(mail, "plain") or "",
            html=_body(mail, "html"),
            files=tuple(_file(part) for part in mail.iter_attachments()),
            received_at=self._clock.now(),
            reference=str(mail.get("Message-ID", "")),
            raw=raw,
        )


async def listen(sink: MailSink, *, host: str, port: int) -> asyncio.Server:
    """Start the SMTP server in the running loop; port 0 takes a free one."""

    def conversation() -> SMTP:
        loop = asyncio.get_running_loop()
        return SMTP(sink, hostname="mail.simulated.example", data_size_limit=_LARGEST_MAIL_BYTES, loop=loop)

    return await asyncio.get_running_loop().create_server(conversation, host, port)


def _body(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body(preferencelist=(kind,))
    return None if part is None else str(part.get_content())


def _file(part: EmailMessage) -> ReceivedFile:
    content = part.get_payload(decode=True)
    return ReceivedFile(
        filename=part.get_filename() or "attachment",
        media_type=part.get_content_type(),
        content=content if isinstance(content, bytes) else b"",
    )
