"""Interval detail by its age, and how far retention came, in MongoDB."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

from pymongo import DeleteOne, InsertOne

from gridhall.kit.localdays import DAY_MINUTES, Days, Month
from gridhall.kit.mongo import Document, Index, Mongo, put_all
from gridhall.metering.channels import CHANNELS
from gridhall.metering.histories.documents import from_bucket, to_bucket
from gridhall.metering.histories.keys import REVISION_BYTES, day_key, month_key, revision_key
from gridhall.metering.histories.model import DayBucket
from gridhall.metering.retention.model import Progress
from gridhall.metering.vee.exceptions.model import ExceptionState

SCHEMA: Final = 1
_FIRST_MONTH: Final = Month(1, 1)


class RetentionRepository:
    """Detail of `usage_days` and `usage_revisions`, found by ranges of `_id`; and one document a region.

    Detail is curves: a day that tells no more than its energy is no more than the totals that stay.
    """

    collection_name = "retention_regions"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._days = mongo["usage_days"]
        self._revisions = mongo["usage_revisions"]
        self._checks = mongo["usage_checks"]
        self._exceptions = mongo["usage_exceptions"]
        self._regions = mongo[self.collection_name]

    async def days(self, point_ids: Sequence[UUID], days: Days) -> list[DayBucket]:
        """Return what is kept of every channel of points on these days, one range a channel, in one round trip."""
        found = self._days.find(_curves(point_ids, days)) if point_ids else None
        return [to_bucket(document) async for document in found] if found else []

    async def revisions(self, point_ids: Sequence[UUID], days: Days) -> list[DayBucket]:
        """Return the older revisions of the same."""
        found = self._revisions.find(_curves(point_ids, days, revisions=True)) if point_ids else None
        if not found:
            return []
        return [to_bucket({**document, "_id": document["_id"][:-REVISION_BYTES]}) async for document in found]

    async def count(self, point_ids: Sequence[UUID], days: Days) -> tuple[int, int]:
        """Return how many days and older revisions there are."""
        if not point_ids:
            return 0, 0
        return (
            await self._days.count_documents(_curves(point_ids, days)),
            await self._revisions.count_documents(_curves(point_ids, days, revisions=True)),
        )

    async def delete(self, days: Collection[DayBucket], revisions: Collection[DayBucket]) -> int:
        """Delete days that are still of the revision that was read, and older revisions; return how many days were."""
        if revisions:
            await self._revisions.bulk_write(
                [DeleteOne({"_id": revision_key(one.key, one.revision)}) for one in revisions], ordered=False
            )
        if not days:
            return 0
        writes = [DeleteOne({"_id": day.key, "r": day.revision}) for day in days]
        return (await self._days.bulk_write(writes, ordered=False)).deleted_count

    async def count_findings(self, point_ids: Sequence[UUID], before: Month) -> int:
        """Return how many months of outcomes, and exceptions that wait for nobody, there are before a month."""
        if not point_ids:
            return 0
        checks, exceptions = _findings(point_ids, before)
        return await self._checks.count_documents(checks) + await self._exceptions.count_documents(exceptions)

    async def delete_findings(self, point_ids: Sequence[UUID], before: Month) -> int:
        """Delete the same; return how many there were."""
        if not point_ids:
            return 0
        checks, exceptions = _findings(point_ids, before)
        gone = await self._checks.delete_many(checks), await self._exceptions.delete_many(exceptions)
        return sum(one.deleted_count for one in gone)

    async def bring_back(self, days: Collection[DayBucket], revisions: Collection[DayBucket]) -> int:
        """Write days and older revisions that are not there; return how many days were not."""
        older = [InsertOne({**from_bucket(one), "_id": revision_key(one.key, one.revision)}) for one in revisions]
        await put_all(self._revisions, older, [one.key for one in revisions])
        there = await put_all(self._days, [InsertOne(from_bucket(day)) for day in days], [day.key for day in days])
        return len(days) - len(there)

    async def progress(self, region: str) -> Progress:
        """Return how far retention came in a region."""
        document = await self._regions.find_one({"_id": region})
        return _unpack(document) if document else Progress(region)

    async def save(self, progress: Progress) -> None:
        """Write how far it came; the months that are restored have a write of their own."""
        fields = {
            "schema": SCHEMA,
            "passOf": str(progress.pass_of),
            "after": progress.after,
            "finished": progress.finished,
            "done": {name: str(month) for name, month in progress.done.items()},
            "held": {name: str(month) for name, month in progress.held.items()},
        }
        await self._regions.update_one({"_id": progress.region}, {"$set": fields}, upsert=True)

    async def note_restored(self, region: str, month: Month, *, until: date) -> None:
        """Keep a month from being archived again before `until`."""
        update = {"$set": {f"restored.{month}": until.isoformat(), "schema": SCHEMA}}
        await self._regions.update_one({"_id": region}, update, upsert=True)

    async def forget_restored(self, region: str, months: Collection[Month]) -> None:
        """Forget months whose time is over."""
        if months:
            await self._regions.update_one({"_id": region}, {"$unset": {f"restored.{month}": "" for month in months}})


def _curves(point_ids: Sequence[UUID], days: Days, *, revisions: bool = False) -> Document:
    return {"$or": _ranges(point_ids, days, revisions=revisions), "minutes": {"$lt": DAY_MINUTES}}


def _findings(point_ids: Sequence[UUID], before: Month) -> tuple[Document, Document]:
    of_months = [
        {"_id": {"$gte": month_key(id_, channel, _FIRST_MONTH), "$lt": month_key(id_, channel, before)}}
        for id_ in point_ids
        for channel in CHANNELS
    ]
    of_days = _ranges(point_ids, Days(_FIRST_MONTH.first, before.first))
    settled = [state for state in ExceptionState if not state.waits]
    return {"$or": of_months}, {"$or": of_days, "state": {"$in": settled}}


def _ranges(point_ids: Sequence[UUID], days: Days, *, revisions: bool = False) -> list[dict[str, Any]]:
    # Binary values sort by length first, so the bounds are as long as the keys between them.
    tail = bytes(REVISION_BYTES) if revisions else b""
    return [
        {
            "_id": {
                "$gte": day_key(point_id, channel, days.start) + tail,
                "$lt": day_key(point_id, channel, days.end) + tail,
            }
        }
        for point_id in point_ids
        for channel in CHANNELS
    ]


def _unpack(document: Document) -> Progress:
    pass_of = document.get("passOf")
    return Progress(
        region=document["_id"],
        pass_of=Month.parse(pass_of) if pass_of else None,
        after=document.get("after"),
        finished=document.get("finished", False),
        done={name: Month.parse(month) for name, month in document.get("done", {}).items()},
        held={name: Month.parse(month) for name, month in document.get("held", {}).items()},
        restored={Month.parse(month): date.fromisoformat(day) for month, day in document.get("restored", {}).items()},
    )
