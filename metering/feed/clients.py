"""Feed clients: who may hand readings in over the network, and for which regions and organisations."""

import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Literal, Protocol, get_args

from gridhall.metering.feed.model import FeedSource

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PREFIX = "ghf"
_SECRET_BYTES = 32

KEPT_AFTER_ROTATION: Final = timedelta(hours=24)
"""How long the token before stays good, unless said otherwise: time to bring the new one to every head-end."""


Scope = Literal["readings", "bills"]
"""What a client may hand in: readings of meters, or bills of a supplier's billing system."""

READINGS: Final = frozenset[Scope]({"readings"})
"""What a client may where nothing else was said."""


@dataclass(frozen=True, slots=True)
class FeedToken:
    """A token of a client, kept as a hash only. ends_at: when it ends, None for the one that was issued last."""

    hash: bytes
    created_at: datetime
    ends_at: datetime | None = None

    def is_good(self, *, now: datetime) -> bool:
        """Say whether the token has not ended."""
        return self.ends_at is None or now < self.ends_at


@dataclass(frozen=True, slots=True)
class FeedClient:
    """A sender of readings.

    regions: those whose meters it may write. org_paths: within them, the organisations whose points it may write,
    each with all below it; none for every one. tokens: the newest first, two at most. revoked_at: None while it feeds.
    scopes: what it may hand in.
    """

    name: str
    regions: frozenset[str]
    tokens: tuple[FeedToken, ...]
    created_at: datetime
    org_paths: frozenset[str] = frozenset()
    revoked_at: datetime | None = None
    scopes: frozenset[Scope] = READINGS

    def hashes(self, *, now: datetime) -> list[bytes]:
        """Return the hashes of the tokens that are good; a client that was revoked has none."""
        return [] if self.revoked_at else [token.hash for token in self.tokens if token.is_good(now=now)]

    def source(self, *, batch: str) -> FeedSource:
        """Return the client as the source of one delivery."""
        return FeedSource(name=self.name, regions=self.regions, batch=batch, org_paths=self.org_paths)


class Clients(Protocol):
    """Where feed clients are kept."""

    async def add(self, client: FeedClient) -> bool:
        """Write a new client; return False where one of this name exists."""

    async def change(self, before: FeedClient, after: FeedClient) -> bool:
        """Write a client's tokens and its end; return False where its tokens changed since `before` was read."""

    async def by_name(self, name: str) -> FeedClient | None:
        """Return the client of a name."""


async def add_client(
    *,
    name: str,
    regions: Collection[str],
    clients: Clients,
    now: datetime,
    org_paths: Collection[str] = (),
    scopes: Collection[Scope] = READINGS,
) -> str:
    """Add a feed client and return its token, which is never shown again.

    Raises BadClientError for a name that cannot be one, a name that exists, no region, no scope, or an empty path.
    """
    if not _NAME.fullmatch(name):
        raise BadClientError("name: use 1 to 40 of a-z, 0-9 and -, not beginning with -")
    if not regions:
        raise BadClientError("region: name at least one region whose meters the client may write")
    if not all(part for path in org_paths for part in path.split("/")):
        raise BadClientError("org: write a path like zhejiang/hangzhou, without a / at its ends")
    if not scopes or not set(scopes) <= set(get_args(Scope)):
        raise BadClientError(f"scope: use {' or '.join(get_args(Scope))}")
    token = _new_token(name)
    client = FeedClient(
        name=name,
        regions=frozenset(regions),
        tokens=(FeedToken(hash_token(token), now),),
        created_at=now,
        org_paths=frozenset(org_paths),
        scopes=frozenset(scopes),
    )
    if not await clients.add(client):
        raise BadClientError(f"name: a feed client {name} exists")
    return token


async def rotate_token(
    *, name: str, clients: Clients, now: datetime, keep: timedelta = KEPT_AFTER_ROTATION
) -> tuple[str, datetime]:
    """Give a client a new token; the one before stays good for `keep`, any older one ends now.

    Returns the token, which is never shown again, and when the one before ends. Raises BadClientError where there is
    no such client, it was revoked, or somebody else changed it at the same moment.
    """
    client, token, ends_at = await _standing(name, clients), _new_token(name), now + keep
    before = [
        replace(one, ends_at=min(ends_at, one.ends_at or ends_at)) for one in client.tokens if one.is_good(now=now)
    ]
    changed = replace(client, tokens=(FeedToken(hash_token(token), now), *before[:1]))
    await _change(client, changed, clients)
    return token, ends_at


async def revoke_client(*, name: str, clients: Clients, now: datetime) -> None:
    """End a client: all of its tokens, at once and for good; its rows in quarantine keep its name.

    Raises BadClientError where there is no such client or it was revoked before.
    """
    client = await _standing(name, clients)
    await _change(client, replace(client, tokens=(), revoked_at=now), clients)


async def verify_client(*, token: str, clients: Clients, now: datetime, scope: Scope = "readings") -> FeedClient | None:
    """Return the client whose token this is, None where it is nobody's any more, never was, or is not for this."""
    prefix, _, rest = token.partition(".")
    name, _, _ = rest.partition(".")
    if prefix != _PREFIX or not _NAME.fullmatch(name):
        return None
    client, given = await clients.by_name(name), hash_token(token)
    if (
        client is None
        or scope not in client.scopes
        or not any(hmac.compare_digest(one, given) for one in client.hashes(now=now))
    ):
        return None
    return client


def hash_token(token: str) -> bytes:
    """Return what is kept of a token, hashed once: nobody can try all of its 256 random bits, so no slow hash."""
    return sha256(token.encode(errors="replace")).digest()


def _new_token(name: str) -> str:
    return f"{_PREFIX}.{name}.{secrets.token_urlsafe(_SECRET_BYTES)}"


async def _standing(name: str, clients: Clients) -> FeedClient:
    client = await clients.by_name(name)
    if client is None:
        raise BadClientError(f"name: there is no feed client {name}")
    if client.revoked_at:
        raise BadClientError(f"name: {name} was revoked on {client.revoked_at.date()}; add one of another name")
    return client


async def _change(before: FeedClient, after: FeedClient, clients: Clients) -> None:
    if not await clients.change(before, after):
        raise BadClientError(f"name: somebody else changed {before.name} at the same moment; look at it again")


class BadClientError(ValueError):
    """A feed client cannot be added or changed like this."""
