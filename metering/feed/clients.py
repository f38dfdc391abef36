"""Feed clients: who may hand readings in over the network, and for which regions."""

import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from gridhall.metering.feed.model import FeedSource

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PREFIX = "ghf"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class FeedClient:
    """A sender of readings. regions: those whose meters it may write. Its token is kept as a hash only."""

    name: str
    regions: frozenset[str]
    token_hash: bytes
    created_at: datetime

    def source(self, *, batch: str) -> FeedSource:
        """Return the client as the source of one delivery."""
        return FeedSource(name=self.name, regions=self.regions, batch=batch)


class Clients(Protocol):
    """Where feed clients are kept."""

    async def add(self, client: FeedClient) -> bool:
        """Write a new client; return False where one of this name exists."""

    async def by_name(self, name: str) -> FeedClient | None:
        """Return the client of a name."""


async def add_client(*, name: str, regions: Collection[str], clients: Clients, now: datetime) -> str:
    """Add a feed client and return its token, which is never shown again.

    Raises BadClientError for a name that cannot be one, a name that exists, or no region.
    """
    if not _NAME.fullmatch(name):
        raise BadClientError("name: use 1 to 40 of a-z, 0-9 and -, not beginning with -")
    if not regions:
        raise BadClientError("region: name at least one region whose meters the client may write")
    token = f"{_PREFIX}.{name}.{secrets.token_urlsafe(_SECRET_BYTES)}"
    client = FeedClient(name=name, regions=frozenset(regions), token_hash=hash_token(token), created_at=now)
    if not await clients.add(client):
        raise BadClientError(f"name: a feed client {name} exists")
    return token


async def verify_client(*, token: str, clients: Clients) -> FeedClient | None:
    """Return the client whose token this is, None where it is nobody's."""
    prefix, _, rest = token.partition(".")
    name, _, _ = rest.partition(".")
    if prefix != _PREFIX or not _NAME.fullmatch(name):
        return None
    client = await clients.by_name(name)
    if client is None or not hmac.compare_digest(client.token_hash, hash_token(token)):
        return None
    return client


def hash_token(token: str) -> bytes:
    """Return what is kept of a token, hashed once: nobody can try all of its 256 random bits, so no slow hash."""
    return sha256(token.encode(errors="replace")).digest()


class BadClientError(ValueError):
    """A feed client cannot be added like this."""
