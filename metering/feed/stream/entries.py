"""An entry of the stream: rows of one feed client in one format, signed, as fields of bytes.

The token itself is never in Redis, which keeps its data on disk and which others read too. What is kept of a token in
the database, its hash, is the key of the signature, so a producer signs without asking anybody.
"""

import hmac
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gridhall.metering.feed.clients import hash_token

VERSION: Final = b"1"
"""Of the fields; a consumer leaves what it does not know to the quarantine."""

PLAIN: Final = "identity"
GZIP: Final = "gzip"

_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_GZIP_LEVEL = 1
_ENCODING = re.compile(rb"identity|gzip")
_NAME = re.compile(rb"[a-z0-9][a-z0-9-]{0,39}")
_FORMAT = re.compile(rb"[a-z0-9][a-z0-9-]{0,31}")
_BATCH = re.compile(rb"[A-Za-z0-9\-_.:]{0,128}")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it was read; nothing of it is believed before its signature is.

    id: of the stream. batch: what the sender calls its delivery, may be empty. body: rows, as `encoding` packs them.
    """

    id: str
    client: str
    format: str
    batch: str
    encoding: str
    body: bytes
    signature: bytes

    @property
    def place(self) -> str:
        """What the quarantine calls the delivery: the id in the stream, behind the sender's own name for it."""
        return f"{self.batch}@{self.id}" if self.batch else self.id

    def is_signed_with(self, token_hash: bytes) -> bool:
        """Say whether whoever holds the token of this hash wrote the entry as it is."""
        return hmac.compare_digest(
            self.signature, _signature(token_hash, (self.client, self.format, self.batch, self.encoding), self.body)
        )

    def rows(self, *, most: int) -> bytes:
        """Return the rows, unpacked. Raises EntryTooLargeError beyond `most` bytes, BadEntryError for no whole gzip."""
        if self.encoding == PLAIN:
            rows = self.body
        else:
            unpacker = zlib.decompressobj(_GZIP_WINDOW)
            try:
                rows = unpacker.decompress(self.body, most + 1)
            except zlib.error:
                raise BadEntryError("its body is no gzip") from None
            if len(rows) <= most and not unpacker.eof:
                raise BadEntryError("its gzip ends too early")
        if len(rows) > most:
            raise EntryTooLargeError(rows[:most], most)
        return rows


def signed(*, token: str, format: str, batch: str, rows: bytes, packed: bool = False) -> dict[bytes, bytes]:
    """Return the fields of an entry, signed with a feed client's token. Raises ValueError for what is no such token."""
    client = token.split(".")[1] if token.count(".") >= 1 else ""
    encoding, body = (GZIP, _gzip(rows)) if packed else (PLAIN, rows)
    if not _NAME.fullmatch(client.encode()):
        raise ValueError("token: none of a feed client")
    if not _BATCH.fullmatch(batch.encode()):
        raise ValueError("batch: use at most 128 of letters, digits and -_.:")
    return {
        b"v": VERSION,
        b"client": client.encode(),
        b"format": format.encode(),
        b"batch": batch.encode(),
        b"encoding": encoding.encode(),
        b"signature": _signature(hash_token(token), (client, format, batch, encoding), body),
        b"body": body,
    }


def read_entry(id: str, fields: Mapping[bytes, bytes]) -> Entry:
    """Return what the fields of an entry say. Raises BadEntryError, which names the field and what is allowed."""
    if fields.get(b"v") != VERSION:
        raise BadEntryError("field v must be 1")
    return Entry(
        id=id,
        client=_text(fields, b"client", _NAME, "the name of a feed client"),
        format=_text(fields, b"format", _FORMAT, "the name of a format", absent=b"ndjson"),
        batch=_text(fields, b"batch", _BATCH, "at most 128 of letters, digits and -_.:", absent=b""),
        encoding=_text(fields, b"encoding", _ENCODING, "identity or gzip", absent=PLAIN.encode()),
        body=fields.get(b"body", b""),
        signature=fields.get(b"signature", b""),
    )


def _text(
    fields: Mapping[bytes, bytes], name: bytes, allowed: re.Pattern[bytes], words: str, *, absent: bytes | None = None
) -> str:
    value = fields.get(name, absent)
    if value is None or not allowed.fullmatch(value):
        raise BadEntryError(f"field {name.decode()} must be {words}")
    return value.decode()


def _signature(key: bytes, said: Sequence[str], body: bytes) -> bytes:
    """Sign what an entry says and its body; what it says holds no line end, so no two entries are signed alike."""
    made = hmac.new(key, "".join(f"{text}\n" for text in said).encode(), sha256)
    made.update(body)
    return made.digest()


def _gzip(rows: bytes) -> bytes:
    packer = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_WINDOW)
    return packer.compress(rows) + packer.flush()


class BadEntryError(ValueError):
    """An entry cannot be read."""


class EntryTooLargeError(ValueError):
    """An entry holds more than is allowed. beginning: as much of it as is kept."""

    def __init__(self, beginning: bytes, most: int) -> None:
        super().__init__(f"the stream entry is larger than {most} bytes")
        self.beginning = beginning
        self.most = most
