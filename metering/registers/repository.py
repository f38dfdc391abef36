"""Register reads in MongoDB: one document a point, channel and midnight, found by `_id` alone."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import ClassVar, Final
from uuid import UUID

from pymongo import InsertOne, ReplaceOne

from gridhall.kit.mongo import Document, Index, Mongo
from gridhall.metering.histories.keys import channel_of, day_key, day_of, point_of
from gridhall.metering.histories.repository import Write, put_all
from gridhall.metering.registers.model import RegisterDay, RegisterRead

SCHEMA: Final = 1


class RegisterRepository:
    """Register reads and their older revisions. Shard key of both: `_id`, which begins with the point."""

    collection_name = "register_reads"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._reads = mongo[self.collection_name]
        self._revisions = mongo["register_revisions"]

    async def days(self, keys: Collection[bytes]) -> dict[bytes, RegisterDay]:
        """Return those of the midnights that have reads, by key, in one round trip."""
        found = self._reads.find({"_id": {"$in": list(keys)}})
        return {document["_id"]: _to_day(document) async for document in found}

    async def put(self, days: Sequence[RegisterDay]) -> set[bytes]:
        """Write midnights whose revision is one more than what is kept; return the keys of those that came too late."""
        writes: list[Write] = [
            InsertOne(_from_day(day))
            if day.revision == 1
            else ReplaceOne({"_id": day.key, "r": day.revision - 1}, _from_day(day), upsert=True)
            for day in days
        ]
        return await put_all(self._reads, writes, [day.key for day in days])

    async def keep_revisions(self, days: Sequence[RegisterDay]) -> None:
        """Keep older revisions for good; one that is kept already stays as it is."""
        writes: list[Write] = [
            InsertOne({**_from_day(day), "_id": day.key + day.revision.to_bytes(4, "big")}) for day in days
        ]
        await put_all(self._revisions, writes, [day.key for day in days])

    async def revisions(self, *, point_id: UUID, channel: str, day: date) -> list[RegisterDay]:
        """Return the older revisions of a midnight's reads, oldest first."""
        key = day_key(point_id, channel, day)
        between = {"$gte": key + bytes(4), "$lte": key + b"\xff" * 4}
        found = self._revisions.find({"_id": between}).sort("_id", 1)
        return [_to_day({**document, "_id": key}) async for document in found]


def _from_day(day: RegisterDay) -> Document:
    return {
        "_id": day.key,
        "schema": SCHEMA,
        "r": day.revision,
        "asOf": day.as_of,
        "reads": [
            {
                "meter": read.meter,
                "at": read.at,
                "scale": read.scale,
                "quality": read.quality,
                "multiplier": read.multiplier,
                "closing": read.closing,
                "values": dict(read.values),
            }
            for read in day.reads
        ],
    }


def _to_day(document: Document) -> RegisterDay:
    key: bytes = document["_id"]
    reads = tuple(
        RegisterRead(
            point_id=point_of(key),
            channel=channel_of(key),
            meter=read["meter"],
            day=day_of(key),
            at=read["at"],
            values=read["values"],
            scale=read["scale"],
            quality=read["quality"],
            multiplier=read["multiplier"],
            closing=read["closing"],
        )
        for read in document["reads"]
    )
    return RegisterDay(key=key, revision=document["r"], reads=reads, as_of=document["asOf"])
