"""Whose entries are believed: feed clients, asked for once in a while and not once an entry."""

from datetime import datetime, timedelta
from typing import Final

from gridhall.metering.feed.clients import Clients, FeedClient
from gridhall.metering.feed.stream.entries import Entry

_KEPT_FOR: Final = timedelta(seconds=30)


class Signers:
    """The feed clients that were met lately. A client that is revoked is believed for 30 seconds longer."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._kept: dict[str, tuple[datetime, FeedClient]] = {}

    async def client_of(self, entry: Entry, *, now: datetime) -> FeedClient | None:
        """Return the client that signed an entry, None where nobody that we know did."""
        kept = self._kept.get(entry.client)
        if kept and now - kept[0] < _KEPT_FOR and _signed(entry, kept[1], now):
            return kept[1]
        client = await self._clients.by_name(entry.client)
        if client is None or not _signed(entry, client, now):
            return None
        self._kept[client.name] = now, client
        return client


def _signed(entry: Entry, client: FeedClient, now: datetime) -> bool:
    return "readings" in client.scopes and any(entry.is_signed_with(one) for one in client.hashes(now=now))
