"""Signed links: an address that says on whose behalf it is opened, until when, and that nobody has changed.

For what opens addresses without being able to send a token, such as a mini-program's download. The signature is
HMAC-SHA256 over the path and everything asked, by a key that is made from the key of access tokens for this alone.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from gridhall.kit.keys import token_seed
from gridhall.kit.settings import Settings
from gridhall.kit.subject import SubjectKind

_PURPOSE: Final = b"gridhall signed link 1"
_SIGNATURE: Final = "&signature="


@dataclass(frozen=True, slots=True)
class SignedLink:
    """A path with its query, and when it ends."""

    path: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Bearer:
    """On whose behalf a link is opened; what they may do is asked anew."""

    kind: SubjectKind
    id: UUID


class SignedLinks:
    """Signs and reads links of a deployment."""

    def __init__(self, *, key: bytes, life: timedelta) -> None:
        self._key = key
        self._life = life

    @classmethod
    def of(cls, settings: Settings) -> "SignedLinks":
        """Return the links of a deployment."""
        key = hmac.digest(token_seed(settings), _PURPOSE, sha256)
        return cls(key=key, life=timedelta(minutes=settings.export_link_minutes))

    def sign(self, path: str, query: Mapping[str, str | Sequence[str]], *, by: Bearer, now: datetime) -> SignedLink:
        """Return a link to a path that asks `query` on somebody's behalf."""
        expires_at = (now + self._life).replace(microsecond=0)
        said = {**query, "by": f"{by.kind}:{by.id}", "expires": str(int(expires_at.timestamp()))}
        text = f"{path}?{urlencode(said, doseq=True)}"
        return SignedLink(f"{text}{_SIGNATURE}{self._signature(text)}", expires_at)

    def read(self, link: str, *, now: datetime) -> Bearer | None:
        """Return who opens a path with its query; None where it is not ours, was changed, or has ended at `now`."""
        text, _, signature = link.rpartition(_SIGNATURE)
        if not hmac.compare_digest(signature.encode(), self._signature(text).encode()):
            return None
        said = parse_qs(text.partition("?")[2])
        if now >= datetime.fromtimestamp(int(said["expires"][-1]), UTC):
            return None
        kind, _, subject_id = said["by"][-1].partition(":")
        return Bearer(SubjectKind(kind), UUID(subject_id))

    def _signature(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), sha256).hexdigest()
