"""What the stand-ins received: the newest first, in memory only, so that a restart forgets everything."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID

_KEPT_MESSAGES = 2000
_FILE_PREFIX = "received-"


class Kind(StrEnum):
    """By which way a message came."""

    SMS = "sms"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that came with a mail."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it arrived at a phone number or a mail address.

    reference: what the sender calls it, the OutId of an SMS or the Message-ID of a mail. raw: as it came in.
    """

    id: UUID
    kind: Kind
    recipient: str
    sender: str
    text: str
    received_at: datetime
    reference: str
    raw: bytes
    subject: str = ""
    html: str | None = None
    files: tuple[ReceivedFile, ...] = ()


class Mailbox:
    """Keeps the last 2,000 messages; with `folder`, also writes each as it came, for a look from outside."""

    def __init__(self, *, folder: Path | None = None) -> None:
        self._messages: deque[Received] = deque(maxlen=_KEPT_MESSAGES)
        self._folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for earlier in folder.glob(f"{_FILE_PREFIX}*"):
                earlier.unlink()

    def put(self, message: Received) -> None:
        """Keep a message."""
        self._messages.appendleft(message)
        if self._folder is not None:
            ending = "eml" if message.kind is Kind.MAIL else "json"
            (self._folder / f"{_FILE_PREFIX}{message.id}.{ending}").write_bytes(message.raw)

    def get(self, id: UUID) -> Received | None:
        """Return one message, None where it was never here or is forgotten."""
        return next((message for message in self._messages if message.id == id), None)

    def of(self, addresses: Iterable[str]) -> list[Received]:
        """Return what was sent to any of `addresses`, the newest first."""
        wanted = set(addresses)
        return [message for message in self._messages if message.recipient in wanted]

    def all(self) -> list[Received]:
        """Return every message, the newest first."""
        return list(self._messages)
