"""What the stand-ins received, the newest first; kept over a restart where a folder is given."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from pydantic import ConfigDict, TypeAdapter

_KEPT_MESSAGES = 2000
_FILE_PREFIX = "received-"
_BASE64 = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


class Kind(StrEnum):
    """By which way a message came."""

    SMS = "sms"
    MAIL = "mail"
    WECHAT = "wechat"


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that came with a mail."""

    __pydantic_config__ = _BASE64

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it arrived at a phone number or a mail address.

    reference: what the sender calls it, the OutId of an SMS or the Message-ID of a mail; of a WeChat message the page
    that it opens. facts: labels and values of a WeChat message. raw: as it came in.
    """

    __pydantic_config__ = _BASE64

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
    facts: tuple[tuple[str, str], ...] = ()


_AS_JSON = TypeAdapter(Received)


class Mailbox:
    """Keeps the last 2,000 messages; with `folder`, each also in a file, which the next mailbox on it reads again."""

    def __init__(self, *, folder: Path | None = None) -> None:
        self._messages: deque[Received] = deque(maxlen=_KEPT_MESSAGES)
        self._folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            # The ids sort by time, so the names of the files do.
            for kept in sorted(folder.glob(f"{_FILE_PREFIX}*.json")):
                self._messages.appendleft(_AS_JSON.validate_json(kept.read_bytes()))

    def put(self, message: Received) -> None:
        """Keep a message."""
        if self._folder is not None:
            if len(self._messages) == self._messages.maxlen:
                self._file(self._messages[-1]).unlink(missing_ok=True)
            self._file(message).write_bytes(_AS_JSON.dump_json(message))
        self._messages.appendleft(message)

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

    def _file(self, message: Received) -> Path:
        if self._folder is None:
            raise ValueError("this mailbox has no folder")
        return self._folder / f"{_FILE_PREFIX}{message.id}.json"
