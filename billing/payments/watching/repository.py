"""The minutes of calls to providers in MongoDB."""

from datetime import datetime
from typing import ClassVar

from gridhall.billing.payments.watching.model import Minute, minute_of
from gridhall.kit.mongo import Document, Index, Mongo

EXPIRES = Index("at", name="expires", expire_seconds=7 * 86_400)
"""Serves `failing` and `first_answer`, and drops what nobody asks about any more."""


class MinuteRepository:
    """Minutes, written by every process that calls a provider. Shard key: _id; there are few."""

    collection_name = "payment_minutes"
    indexes: ClassVar[tuple[Index, ...]] = (EXPIRES,)

    def __init__(self, mongo: Mongo) -> None:
        self._minutes = mongo[self.collection_name]

    async def note(self, provider: str, *, answered: bool, at: datetime) -> None:
        """Note that a provider answered, or failed to. Idempotent, and in any order."""
        minute, what = minute_of(at), "answered" if answered else "failed"
        changes: Document = {"$setOnInsert": {"schema": 1, "at": minute}, "$addToSet": {what: provider}}
        await self._minutes.update_one({"_id": minute}, changes, upsert=True)

    async def failing(self, *, since: datetime) -> list[Minute]:
        """Return the minutes in which a provider failed, in order."""
        cursor = self._minutes.find({"at": {"$gte": since}, "failed": {"$exists": True}}).sort("at", 1)
        return [
            Minute(found["at"], frozenset(found.get("answered", ())), frozenset(found["failed"]))
            async for found in cursor
        ]

    async def first_answer(self, *, since: datetime) -> datetime | None:
        """Return the first minute in which a provider answered."""
        query = {"at": {"$gte": since}, "answered": {"$exists": True}}
        found = await self._minutes.find_one(query, sort=[("at", 1)])
        return found["at"] if found else None
