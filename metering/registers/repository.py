"""Register reads in MongoDB: one document a point, channel and midnight, found by `_id` alone."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from pymongo import InsertOne, ReplaceOne, UpdateOne

from gridhall.kit.localdays import Days
from gridhall.kit.mongo import Index, Mongo, Transaction, Write, put_all, session_of
from gridhall.metering.closings.repository import ClosingRepository
from gridhall.metering.histories.keys import LAST_REVISION, day_key, revision_key
from gridhall.metering.registers.documents import from_day, to_day
from gridhall.metering.registers.model import RegisterDay

_ONE_DAY = timedelta(days=1)


class RegisterRepository:
    """Register reads and their older revisions. Shard key of both: `_id`, which begins with the point."""

    collection_name = "register_reads"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._reads = mongo[self.collection_name]
        self._revisions = mongo["register_revisions"]
        self._heads = mongo["usage_heads"]
        self.closings = ClosingRepository(mongo)

    async def days(
        self, keys: Collection[bytes], *, transaction: Transaction | None = None
    ) -> dict[bytes, RegisterDay]:
        """Return those of the midnights that have reads, by key, in one round trip."""
        found = self._reads.find({"_id": {"$in": list(keys)}}, session=session_of(transaction))
        return {document["_id"]: to_day(document) async for document in found}

    async def within(self, point_ids: Collection[UUID], *, channel: str, days: Days) -> dict[bytes, RegisterDay]:
        """Return all midnights of points within a short range of days, by key, in one round trip."""
        ranges = [
            {"_id": {"$gte": day_key(id_, channel, days.start), "$lte": day_key(id_, channel, days.end - _ONE_DAY)}}
            for id_ in point_ids
        ]
        if not ranges or not days:
            return {}
        return {document["_id"]: to_day(document) async for document in self._reads.find({"$or": ranges})}

    async def present(self, keys: Collection[bytes]) -> set[bytes]:
        """Return those of the midnights that have reads at all, out of the index alone."""
        found = self._reads.find({"_id": {"$in": list(keys)}}, {"_id": 1})
        return {document["_id"] async for document in found}

    async def put(self, days: Sequence[RegisterDay]) -> set[bytes]:
        """Write midnights whose revision is one more than what is kept; return the keys of those that came too late."""
        writes: list[Write] = [
            InsertOne(from_day(day))
            if day.revision == 1
            else ReplaceOne({"_id": day.key, "r": day.revision - 1}, from_day(day), upsert=True)
            for day in days
        ]
        return await put_all(self._reads, writes, [day.key for day in days])

    async def put_in(self, days: Sequence[RegisterDay], *, transaction: Transaction) -> None:
        """Write midnights that were read in the same transaction; who was faster elsewhere starts it again."""
        for day in days:
            await self._reads.replace_one({"_id": day.key}, from_day(day), upsert=True, session=transaction.session)

    async def keep_revisions(self, days: Sequence[RegisterDay]) -> None:
        """Keep older revisions for good; one that is kept already stays as it is."""
        writes: list[Write] = [InsertOne({**from_day(day), "_id": revision_key(day.key, day.revision)}) for day in days]
        await put_all(self._revisions, writes, [day.key for day in days])

    async def keep_revisions_in(self, days: Sequence[RegisterDay], *, transaction: Transaction) -> None:
        """Keep older revisions that were read in the same transaction."""
        for day in days:
            key = revision_key(day.key, day.revision)
            document = {**from_day(day), "_id": key}
            await self._revisions.replace_one({"_id": key}, document, upsert=True, session=transaction.session)

    async def told_until(self, point_ids: Collection[UUID]) -> dict[UUID, datetime]:
        """Return until when the heads of points were told of register reads; heads that never were are left out."""
        query = {"_id": {"$in": list(point_ids)}, "registersAsOf": {"$exists": True}}
        found = self._heads.find(query, {"registersAsOf": 1})
        return {document["_id"]: document["registersAsOf"] async for document in found}

    async def raise_heads(self, until: Mapping[UUID, datetime], *, transaction: Transaction | None = None) -> None:
        """Raise the usage revision of points by one, for register reads that were stored until an instant."""
        writes: list[Write] = [
            UpdateOne({"_id": point_id}, {"$inc": {"r": 1}, "$max": {"registersAsOf": as_of}}, upsert=True)
            for point_id, as_of in until.items()
        ]
        if writes:
            await self._heads.bulk_write(writes, ordered=False, session=session_of(transaction))

    async def revisions(self, *, point_id: UUID, channel: str, day: date) -> list[RegisterDay]:
        """Return the older revisions of a midnight's reads, oldest first."""
        key = day_key(point_id, channel, day)
        between = {"$gte": revision_key(key, 0), "$lte": revision_key(key, LAST_REVISION)}
        found = self._revisions.find({"_id": between}).sort("_id", 1)
        return [to_day({**document, "_id": key}) async for document in found]
