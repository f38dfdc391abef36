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

    async def note(self, outage: Outage) -> None:
        """Write an outage, or how long it lasted. Idempotent by its key."""
        document = {
            "schema": 1,
            "channel": outage.channel,
            "began_at": outage.began_at,
            "ended_at": outage.ended_at,
            "by": outage.by,
            "note": outage.note,
        }
        await self._outages.update_one({"_id": outage.key}, {"$set": document}, upsert=True)

    async def touching(
        self, *, since: datetime, until: datetime, transaction: Transaction | None = None
    ) -> list[Outage]:
        """Return the outages that share an instant with a span, in the order they began."""
        query: Document = {"ended_at": None, "began_at": {"$lt": until}}
        ended: Document = {"ended_at": {"$gt": since}, "began_at": {"$lt": until}}
        found = [one async for one in self._outages.find({"$or": [query, ended]}, session=session_of(transaction))]
        return [
            Outage(one["channel"], one["began_at"], one["ended_at"], one["by"], one["note"])
            for one in sorted(found, key=lambda one: one["began_at"])
        ]
