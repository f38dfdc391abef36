"""Readings of a meter that came before its exchange was entered: refused then, taken again of themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gridhall.metering.exchanges.model import Exchanged
from gridhall.metering.exchanges.repository import ExchangeRepository, first_replay
from gridhall.metering.feed.clients import Clients
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.replay import replay_one

_CACHES: Final = timedelta(minutes=2)
"""Within this time every process of a feed has seen a changed link (see `points/directory`), and refuses no more."""

_AT_ONCE: Final = 200
_EXCHANGES_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class Replaying:
    """What taking readings again needs at hand."""

    exchanges: ExchangeRepository
    stores: IntakeStores
    clients: Clients
    limits: Limits


async def replay_exchanges(*, replaying: Replaying, now: datetime) -> int:
    """Take the refused readings of meters that were exchanged through the intake again; return how many were taken.

    Each exchange has its turn at once, and once more when every process of the feed knows of it.
    """
    taken = 0
    for done in await replaying.exchanges.to_replay(now=now, limit=_EXCHANGES_AT_ONCE):
        taken += await replay_exchange(done=done, replaying=replaying, now=now)
        await replaying.exchanges.replayed(done, again_at=first_replay(done, now=now, caches=_CACHES))
    return taken


async def replay_exchange(*, done: Exchanged, replaying: Replaying, now: datetime) -> int:
    """Take the refused readings of both meters of an exchange again; return how many rows were taken."""
    numbers, taken = {done.exchange.old, done.exchange.new.number}, 0
    replaying.stores.directory.forget(numbers)
    after: bytes | None = None
    while rows := await replaying.stores.quarantine.of_meters(numbers, after=after, limit=_AT_ONCE):
        after = rows[-1].id
        for row in rows:
            outcome = await replay_one(
                row, stores=replaying.stores, clients=replaying.clients, limits=replaying.limits, now=now
            )
            taken += outcome == "accepted"
    return taken
