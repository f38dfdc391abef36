"""Until which day a channel of a point is closed, and the telling of what changes before it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import ClassVar, Final

from pymongo import UpdateOne

from gridhall.kit.mongo import Document, Index, Mongo, Transaction
from gridhall.kit.outbox import Outbox
from gridhall.metering.closings.model import ClosedDayChange, Closing

SCHEMA: Final = 1


class ClosingRepository:
    """One document a channel of a point, found by `_id` alone. Shard key: `_id`, which begins with the point.

    It is written by whoever closes days and never by the feed, so neither waits for the other.
    """

    collection_name = "point_closings"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._closings = mongo[self.collection_name]
        self._outbox = Outbox(mongo)

    async def of(self, keys: Collection[bytes], *, since: date = date.min) -> dict[bytes, Closing]:
        """Return those closings of channels of points that reach `since` or further, by key, in one round trip."""
        found = self._closings.find({"_id": {"$in": list(keys)}, "until": {"$gte": since.isoformat()}})
        return {document["_id"]: _unpack(document) async for document in found}

    async def hold(self, keys: Collection[bytes], *, transaction: Transaction) -> dict[bytes, Closing]:
        """Return the same, and keep others from closing until the transaction ends: one of the two starts again."""
        writes = [UpdateOne({"_id": key}, {"$inc": {"held": 1}}, upsert=True) for key in sorted(keys)]
        await self._closings.bulk_write(writes, ordered=False, session=transaction.session)
        query = {"_id": {"$in": list(keys)}, "until": {"$exists": True}}
        return {
            document["_id"]: _unpack(document)
            async for document in self._closings.find(query, session=transaction.session)
        }

    async def close(self, keys: Collection[bytes], *, until: date, now: datetime, transaction: Transaction) -> None:
        """Close days before `until`, as part of a transaction; what is closed further stays so."""
        newest = {"until": until.isoformat(), "at": now}
        writes = [
            UpdateOne({"_id": key}, {"$max": newest, "$set": {"schema": SCHEMA}}, upsert=True) for key in sorted(keys)
        ]
        if writes:
            await self._closings.bulk_write(writes, ordered=False, session=transaction.session)

    async def tell(self, changes: Sequence[ClosedDayChange], *, transaction: Transaction | None = None) -> None:
        """Tell of changes of closed days, each once however often it is told."""
        events = [change.event() for change in changes]
        if transaction is None:
            await self._outbox.add_once(events)
        else:
            await self._outbox.add(events, transaction=transaction)


def _unpack(document: Document) -> Closing:
    return Closing(until=date.fromisoformat(document["until"]), at=document["at"])
