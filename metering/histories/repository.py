"""Usage histories in MongoDB: days, their older revisions, months, and heads.

Every query is by `_id` (see `keys`), so there is no other index: a reading costs less than 4 bytes on disk with it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import ClassVar, Final
from uuid import UUID

from pymongo import InsertOne, ReplaceOne, UpdateOne

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.kit.mongo import Document, Index, Mongo, Write, put_all
from gridhall.metering.channels import CHANNELS
from gridhall.metering.closings.repository import ClosingRepository
from gridhall.metering.histories.documents import SCHEMA, from_bucket, from_totals, to_bucket, to_head, to_month
from gridhall.metering.histories.keys import LAST_REVISION, day_key, day_key_in, revision_key
from gridhall.metering.histories.model import DayBucket, Head, HeadChange, MonthChange, MonthOfDays
from gridhall.metering.histories.running import looked_into

_MONTH_FIELDS: Final = ("r", "asOf", "minutes", "zone", "running")


class HistoryRepository:
    """Usage of service points. Shard key of all four collections: `_id`, which begins with the point."""

    collection_name = "usage_days"
    indexes: ClassVar[tuple[Index, ...]] = ()
    storage: ClassVar[str] = "leaf_page_max=128KB,block_compressor=zstd"
    """A stream writes days anew every quarter of an hour, which at the usual size leaves pages too small to be packed:
    a reading would take 5 bytes on disk instead of 3."""

    def __init__(self, mongo: Mongo) -> None:
        self._days = mongo[self.collection_name]
        self._revisions = mongo["usage_revisions"]
        self._months = mongo["usage_months"]
        self._heads = mongo["usage_heads"]
        # Days, revisions and months are written on the revision that was read, so nobody has to repeat them unasked.
        self._day_writes = mongo.unretried[self.collection_name]
        self._revision_writes = mongo.unretried["usage_revisions"]
        self._month_writes = mongo.unretried["usage_months"]
        self.closings = ClosingRepository(mongo)

    async def days(self, keys: Collection[bytes]) -> dict[bytes, DayBucket]:
        """Return those of the days that are kept, by key, in one round trip."""
        found = self._days.find({"_id": {"$in": list(keys)}})
        return {document["_id"]: to_bucket(document) async for document in found}

    async def put_days(self, buckets: Sequence[DayBucket]) -> set[bytes]:
        """Write days whose revision is one more than what is kept; return the keys of those that came too late."""
        return await put_all(
            self._day_writes,
            [
                InsertOne(from_bucket(bucket))
                if bucket.revision == 1
                else ReplaceOne({"_id": bucket.key, "r": bucket.revision - 1}, from_bucket(bucket), upsert=True)
                for bucket in buckets
            ],
            [bucket.key for bucket in buckets],
        )

    async def keep_revisions(self, buckets: Sequence[DayBucket]) -> None:
        """Keep older revisions of days for good; one that is kept already stays as it is."""
        documents = [
            InsertOne({**from_bucket(bucket), "_id": revision_key(bucket.key, bucket.revision)}) for bucket in buckets
        ]
        await put_all(self._revision_writes, documents, [bucket.key for bucket in buckets])

    async def revisions(self, *, point_id: UUID, channel: str, day: date) -> list[DayBucket]:
        """Return the older revisions of a day, oldest first."""
        key = day_key(point_id, channel, day)
        between = {"$gte": revision_key(key, 0), "$lte": revision_key(key, LAST_REVISION)}
        found = self._revisions.find({"_id": between}).sort("_id", 1)
        return [to_bucket({**document, "_id": key}) async for document in found]

    async def months(self, keys: Collection[bytes]) -> dict[bytes, MonthOfDays]:
        """Return those of the months that are kept, by key, in one round trip, or two where a day of them runs."""
        found = self._months.find({"_id": {"$in": list(keys)}})
        kept = {document["_id"]: to_month(document) async for document in found}
        running = [day_key_in(key, month.running) for key, month in kept.items() if month.running]
        return looked_into(kept, await self.days(running)) if running else kept

    async def months_as_kept(self, keys: Collection[bytes], *, days: Iterable[int]) -> dict[bytes, MonthOfDays]:
        """Return those of the months that are kept, by key, with the numbered days only and as they were entered."""
        fields = [*_MONTH_FIELDS, *(f"days.{number}" for number in days)]
        found = self._months.find({"_id": {"$in": list(keys)}}, fields)
        return {document["_id"]: to_month(document) async for document in found}

    async def put_months(self, changes: Sequence[MonthChange]) -> set[bytes]:
        """Write totals of days into months that are still of the known revision; return those that are not."""
        writes: list[Write] = []
        for change in changes:
            newest, known = change.newest, change.known
            entries = {str(number): from_totals(totals) for number, totals in change.days.items()}
            fields: Document = {"schema": SCHEMA, "minutes": newest.minutes, "zone": newest.zone}
            if change.running:
                fields["running"] = change.running
            if known is None:
                month = {"_id": change.key, "r": 1, "asOf": newest.as_of, **fields, "days": entries}
                writes.append(InsertOne(month))
            else:
                fields |= {f"days.{number}": entry for number, entry in entries.items()}
                update: Document = {"$set": fields, "$inc": {"r": 1}, "$max": {"asOf": newest.as_of}}
                if known.running and not change.running:
                    update["$unset"] = {"running": ""}
                writes.append(UpdateOne({"_id": change.key, "r": known.revision}, update, upsert=True))
        return await put_all(self._month_writes, writes, [change.key for change in changes])

    async def heads(self, point_ids: Collection[UUID]) -> dict[UUID, Head]:
        """Return the heads of those of the points that have usage, by point."""
        found = self._heads.find({"_id": {"$in": list(point_ids)}, "lastDay": {"$exists": True}})
        return {document["_id"]: to_head(document) async for document in found}

    async def current(self, point_ids: Collection[UUID]) -> dict[UUID, int]:
        """Return the revision of points, which every change of days that are over and every register read raises.

        0 where there is none. Answers about such days that are kept under it are good as long as it stands; a day
        that still runs raises it when it begins.
        """
        found = self._heads.find({"_id": {"$in": list(point_ids)}}, {"r": 1})
        return dict.fromkeys(point_ids, 0) | {document["_id"]: document["r"] async for document in found}

    async def curves_since(self, point_id: UUID, *, since: date, after: bytes, limit: int) -> list[DayBucket]:
        """Return days with a curve of every channel from `since` on, those behind the key `after`, in key order."""
        ranges = [
            {
                "_id": {
                    "$gte": day_key(point_id, channel, since),
                    "$gt": after,
                    "$lte": day_key(point_id, channel, date.max),
                }
            }
            for channel in CHANNELS
        ]
        query = {"$or": ranges, "minutes": {"$lt": DAY_MINUTES}}
        return [to_bucket(document) async for document in self._days.find(query).sort("_id", 1).limit(limit)]

    async def raise_heads(self, changes: Sequence[HeadChange]) -> None:
        """Raise the revision of points by one; what their heads were told of before stays."""
        writes = [
            UpdateOne(
                {"_id": change.point_id},
                {
                    "$inc": {"r": 1},
                    "$set": {"schema": SCHEMA, "minutes": change.newest.minutes, "zone": change.newest.zone},
                    "$max": {
                        "asOf": change.newest.as_of,
                        "lastDay": change.last_day.isoformat(),
                        **{f"told.{name}": revision for name, revision in change.told.items()},
                    },
                },
                upsert=True,
            )
            for change in changes
        ]
        if writes:
            await self._heads.bulk_write(writes, ordered=False)
