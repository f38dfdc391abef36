"""Outages in MongoDB."""

from datetime import datetime
from typing import ClassVar

from gridhall.billing.arrears.outages.model import Outage
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of

BY_END = Index("ended_at", "began_at", name="by_end")
"""Serves `touching`: the outages of a span, those that last among them."""


class OutageRepository:
    """Outages. Shard key: _id; there are few."""

    collection_name = "payment_outages"
    indexes: ClassVar[tuple[Index, ...]] = (BY_END,)

    def __init__(self, mongo: Mongo) -> None:
        self._outages = mongo[self.collection_name]

    async def note(self, outage: Outage, *, transaction: Transaction | None = None) -> None:
        """Write an outage, or how long it lasted. Idempotent by its key."""
        known, session = {"_id": outage.key}, session_of(transaction)
        await self._outages.update_one(known, {"$set": _pack(outage)}, upsert=True, session=session)

    async def begin(self, outage: Outage, *, transaction: Transaction | None = None) -> bool:
        """Write an outage that is not known yet, and say whether it was not; a known one stays as it is."""
        known, session = {"_id": outage.key}, session_of(transaction)
        written = await self._outages.update_one(known, {"$setOnInsert": _pack(outage)}, upsert=True, session=session)
        return written.upserted_id is not None

    async def end(self, outage: Outage, *, at: datetime, transaction: Transaction | None = None) -> bool:
        """Write when an outage ended, and say whether it still lasted."""
        lasting, session = {"_id": outage.key, "ended_at": None}, session_of(transaction)
        written = await self._outages.update_one(lasting, {"$set": {"ended_at": at}}, session=session)
        return written.modified_count > 0

    async def touching(
        self, *, since: datetime, until: datetime, transaction: Transaction | None = None
    ) -> list[Outage]:
        """Return the outages that share an instant with a span, in the order they began."""
        query: Document = {"ended_at": None, "began_at": {"$lt": until}}
        ended: Document = {"ended_at": {"$gt": since}, "began_at": {"$lt": until}}
        found = [one async for one in self._outages.find({"$or": [query, ended]}, session=session_of(transaction))]
        return [_unpack(one) for one in sorted(found, key=lambda one: one["began_at"])]


def _pack(outage: Outage) -> Document:
    return {
        "schema": 1,
        "channel": outage.channel,
        "began_at": outage.began_at,
        "ended_at": outage.ended_at,
        "by": outage.by,
        "note": outage.note,
    }


def _unpack(document: Document) -> Outage:
    return Outage(document["channel"], document["began_at"], document["ended_at"], document["by"], document["note"])
