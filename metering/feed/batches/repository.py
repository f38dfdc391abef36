"""Batches that were named by a key, in MongoDB; they forget themselves."""

from datetime import datetime
from typing import ClassVar, Final

from pymongo.errors import DuplicateKeyError

from gridhall.kit.mongo import Document, Index, Mongo
from gridhall.metering.feed.batches.model import Batch
from gridhall.metering.feed.model import IntakeReport, ShownRefusal

SCHEMA: Final = 1

EXPIRING = Index("expiresAt", name="expiring", expire_seconds=0)
"""Serves MongoDB itself, which deletes batches whose time is over."""


class BatchRepository:
    """Batches of feed clients. Shard key: `_id`, client and key."""

    collection_name = "feed_batches"
    indexes: ClassVar[tuple[Index, ...]] = (EXPIRING,)

    def __init__(self, mongo: Mongo) -> None:
        self._batches = mongo[self.collection_name]

    async def add(self, batch: Batch, *, expires_at: datetime) -> bool:
        """Write a batch that is under way; return False where one of this id is kept."""
        try:
            await self._batches.insert_one(
                {
                    "_id": batch.id,
                    "schema": SCHEMA,
                    "owner": batch.owner,
                    "leasedUntil": batch.leased_until,
                    "expiresAt": expires_at,
                }
            )
        except DuplicateKeyError:
            return False
        return True

    async def by_id(self, id: str) -> Batch | None:
        """Return the batch of an id."""
        document = await self._batches.find_one({"_id": id})
        return _to_batch(document) if document else None

    async def take_over(self, before: Batch, after: Batch) -> bool:
        """Give a batch another owner; return False where it is not as it was read."""
        result = await self._batches.update_one(
            {"_id": before.id, "owner": before.owner, "leasedUntil": before.leased_until, "digest": None},
            {"$set": {"owner": after.owner, "leasedUntil": after.leased_until}},
        )
        return result.modified_count == 1

    async def renew(self, batch: Batch, *, until: datetime) -> None:
        """Prolong the lease of a batch that is still its owner's."""
        await self._batches.update_one({"_id": batch.id, "owner": batch.owner}, {"$set": {"leasedUntil": until}})

    async def finish(self, batch: Batch, *, digest: bytes, report: IntakeReport, expires_at: datetime) -> None:
        """Remember what became of a batch, unless somebody else has taken it over."""
        await self._batches.update_one(
            {"_id": batch.id, "owner": batch.owner},
            {"$set": {"digest": digest, "report": _from_report(report), "expiresAt": expires_at}},
        )

    async def forget(self, batch: Batch) -> None:
        """Forget a batch that was not taken, unless somebody else has taken it over: it may be sent again at once."""
        await self._batches.delete_one({"_id": batch.id, "owner": batch.owner, "digest": None})


def _from_report(report: IntakeReport) -> Document:
    return {
        **report.counts(),
        "format": report.format,
        "refusals": [[one.line, one.code, one.sentence] for one in report.refusals],
    }


def _to_batch(document: Document) -> Batch:
    return Batch(
        id=document["_id"],
        owner=document["owner"],
        leased_until=document["leasedUntil"],
        digest=document.get("digest"),
        report=_to_report(document["report"]) if "report" in document else None,
    )


def _to_report(document: Document) -> IntakeReport:
    refusals = tuple(ShownRefusal(*one) for one in document["refusals"])
    return IntakeReport(**{**document, "refusals": refusals})
