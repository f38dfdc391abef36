"""Customers' own reads in MongoDB."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import ClassVar, Final
from uuid import UUID

from pymongo.errors import DuplicateKeyError

from gridhall.kit.keyset import beyond
from gridhall.kit.migrations import SchemaStep
from gridhall.kit.mongo import Document, Index, Mongo
from gridhall.kit.units import units_above
from gridhall.metering.rounds.documents import from_expected, from_findings, to_expected, to_findings
from gridhall.metering.rounds.own.model import OwnRead, OwnState
from gridhall.metering.schemas import with_units

SCHEMA: Final = 2

QUEUE = Index("region", "units", "broughtAt", "_id", name="queue_by_unit", only={"state": "proposed"})
"""Serves `proposed`: what agents of some units have to decide, oldest first."""

OF_POINT = Index("point", "-takenAt", "-_id", name="of_point")
"""Serves `of_point` and `waiting`: what was read at a point, newest first."""


class OwnReadRepository:
    """Customers' own reads, each under the id that the app gave it. Shard key: _id."""

    collection_name = "own_reads"
    indexes: ClassVar[tuple[Index, ...]] = (QUEUE, OF_POINT)
    migrations: ClassVar[tuple[SchemaStep, ...]] = (SchemaStep("own_reads", of=1, change=with_units),)

    def __init__(self, mongo: Mongo) -> None:
        self._reads = mongo[self.collection_name]

    async def add(self, read: OwnRead) -> OwnRead:
        """Write a read, or return the one that is kept under its id."""
        try:
            await self._reads.insert_one(_from_read(read))
        except DuplicateKeyError:
            return (await self.load([read.id]))[read.id]
        return read

    async def withdraw(self, read_id: UUID) -> None:
        """Take a read back that nobody decided yet."""
        await self._reads.delete_one({"_id": read_id, "state": OwnState.PROPOSED})

    async def load(self, ids: Iterable[UUID]) -> dict[UUID, OwnRead]:
        """Return reads by id; unknown ones are left out."""
        cursor = self._reads.find({"_id": {"$in": list(ids)}})
        return {document["_id"]: _to_read(document) async for document in cursor}

    async def proposed(
        self,
        *,
        region: str,
        units: Collection[str] = ("",),
        after: tuple[datetime, UUID] | None = None,
        limit: int,
    ) -> list[OwnRead]:
        """Return reads of a region's units that wait for somebody to decide, oldest first, from behind `after`."""
        query: Document = {"region": region, "units": {"$in": list(units)}, "state": OwnState.PROPOSED}
        query |= beyond("broughtAt", after)
        found = self._reads.find(query).sort([("broughtAt", 1), ("_id", 1)]).limit(limit)
        return [_to_read(document) async for document in found]

    async def of_point(self, point_id: UUID, *, limit: int) -> list[OwnRead]:
        """Return the newest reads of a point."""
        found = self._reads.find({"point": point_id}).sort([("takenAt", -1), ("_id", -1)]).limit(limit)
        return [_to_read(document) async for document in found]

    async def waiting(self, point_id: UUID, *, most: int) -> int:
        """Count the reads of a point that nobody decided yet, up to `most`."""
        return await self._reads.count_documents({"point": point_id, "state": OwnState.PROPOSED}, limit=most)

    async def decide(self, read_id: UUID, *, state: OwnState, by: UUID, reason: str, now: datetime) -> OwnRead | None:
        """Decide on a read, and return it as it is then; a decision before this one stays. None of an unknown one."""
        decided = {"state": state, "decidedBy": by, "decidedAt": now, "reason": reason}
        await self._reads.update_one({"_id": read_id, "state": OwnState.PROPOSED}, {"$set": decided})
        return (await self.load([read_id])).get(read_id)


def _from_read(read: OwnRead) -> Document:
    return {
        "_id": read.id,
        "schema": SCHEMA,
        "point": read.point_id,
        "region": read.region,
        "orgPath": read.org_path,
        "units": units_above(read.org_path),
        "zone": read.zone,
        "by": read.by,
        "meter": read.meter,
        "shown": dict(read.shown),
        "counts": dict(read.counts),
        "takenAt": read.taken_at,
        "day": read.day.isoformat(),
        "photos": list(read.photos),
        "expected": from_expected(read.expected),
        "findings": from_findings(read.findings),
        "state": read.state,
        "broughtAt": read.brought_at,
        "decidedBy": read.decided_by,
        "decidedAt": read.decided_at,
        "reason": read.reason,
    }


def _to_read(document: Document) -> OwnRead:
    return OwnRead(
        id=document["_id"],
        point_id=document["point"],
        region=document["region"],
        org_path=document["orgPath"],
        zone=document["zone"],
        by=document["by"],
        meter=document["meter"],
        shown=document["shown"],
        counts=document["counts"],
        taken_at=document["takenAt"],
        day=date.fromisoformat(document["day"]),
        photos=tuple(document["photos"]),
        expected=to_expected(document["expected"]),
        findings=to_findings(document["findings"]),
        state=OwnState(document["state"]),
        brought_at=document["broughtAt"],
        decided_by=document["decidedBy"],
        decided_at=document["decidedAt"],
        reason=document["reason"],
    )
