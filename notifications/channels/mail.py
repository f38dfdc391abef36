"""Mail over SMTP: one conversation a message."""

import asyncio
from contextlib import suppress
from email.message import EmailMessage
from typing import Final

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from gridhall.kit.clock import Clock
from gridhall.notifications.channels.mail_message import compose, is_address, message_id, parse_sender
from gridhall.notifications.channels.metrics import measured
from gridhall.notifications.channels.port import MailContent, OutgoingMessage, SendResult, SendState, WrongContentError

_PERMANENT: Final = 500
_GOODBYE_SECONDS: Final = 1.0


class MailChannel:
    """Sends mails through one SMTP server.

    sender: `name <address>`. timeout_seconds: limit of the whole conversation. use_tls speaks TLS from the first
    byte (port 465); start_tls True demands the upgrade, False forbids it, None takes it where it is offered.
    Raises ValueError where the sender holds no address.
    """

    name: Final = "mail"

    def __init__(
        self,
        *,
        host: str,
        port: int,
        sender: str,
        timeout_seconds: float,
        clock: Clock,
        username: str | None = None,
        password: str | None = None,
        use_tls: bool = False,
        start_tls: bool | None = None,
    ) -> None:
        self._sender = parse_sender(sender)
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._host, self._port = host, port
        self._username, self._password = username, password
        self._use_tls, self._start_tls = use_tls, start_tls

    async def send(self, message: OutgoingMessage) -> SendResult:
        """Hand the mail to the server; see `Channel.send`. The reference is our Message-ID."""
        if not isinstance(message.content, MailContent):
            raise WrongContentError(channel=self.name, content=message.content)
        return await measured(self._attempt(message, message.content), channel=self.name)

    async def _attempt(self, message: OutgoingMessage, content: MailContent) -> SendResult:
        if not is_address(message.recipient):
            return SendResult(SendState.FAILED, reason="not-an-address", suppress_recipient=True)
        mail = compose(
            content,
            delivery_id=message.delivery_id,
            recipient=message.recipient,
            sender=self._sender,
            now=self._clock.now(),
        )
        return await self._converse(
            mail, recipient=message.recipient, reference=message_id(message.delivery_id, sender=self._sender)
        )

    async def _converse(self, mail: EmailMessage, *, recipient: str, reference: str) -> SendResult:
        server = self._server()
        is_in_doubt = False
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await server.connect()
                await server.mail(self._sender.addr_spec)
                await server.rcpt(recipient)
                # From here on the server may have taken the mail even where its answer never reaches us.
                is_in_doubt = True
                await server.data(mail.as_bytes())
            with suppress(SMTPException, OSError):
                await server.quit(timeout=_GOODBYE_SECONDS)
        except (SMTPSenderRefused, SMTPRecipientRefused, SMTPDataError) as refusal:
            return _refused(refusal)
        except SMTPResponseException as trouble:
            # Greeting, HELO or sign-in: the fault is not the recipient's, whatever the code says.
            return SendResult(SendState.RETRY, reason=f"smtp-{trouble.code}")
        except (SMTPException, OSError) as trouble:
            reason = "smtp-timeout" if isinstance(trouble, TimeoutError) else "smtp-connection-lost"
            return SendResult(SendState.UNKNOWN if is_in_doubt else SendState.RETRY, reference, reason)
        finally:
            server.close()
        return SendResult(SendState.SENT, provider_reference=reference)

    def _server(self) -> SMTP:
        return SMTP(
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._use_tls,
            start_tls=self._start_tls,
            timeout=self._timeout_seconds,
        )


def _refused(refusal: SMTPResponseException) -> SendResult:
    reason = f"smtp-{refusal.code}"
    if refusal.code < _PERMANENT:
        return SendResult(SendState.RETRY, reason=reason)
    return SendResult(SendState.FAILED, reason=reason, suppress_recipient=isinstance(refusal, SMTPRecipientRefused))
