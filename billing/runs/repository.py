"""Bill runs in MongoDB: one document a run, and one a range of its accounts."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import ClassVar, Final

from pymongo import InsertOne, ReturnDocument
from pymongo.errors import DuplicateKeyError

from gridhall.billing.runs.model import Counts, Progress, Range, RangeState, Run, RunId
from gridhall.kit.keyset import Before, earlier
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Document, Index, Mongo

SCHEMA: Final = 1

OF_MONTH = Index("region", "month", "-number", name="of_month", unique=True)
"""Serves `newest_of`: the last run of a region's month; and keeps two from opening the same."""

NEWEST = Index("region", "-started_at", "-_id", name="newest")
"""Serves `page`: the runs of a region, newest first."""

TO_TAKE = Index("run_id", "state", "number", name="to_take")
"""Serves `take`, `progress` and `finish`: the ranges of a run by where they stand."""


class RunRepository:
    """Bill runs. Shard key: (region)."""

    collection_name = "bill_runs"
    indexes: ClassVar[tuple[Index, ...]] = (OF_MONTH, NEWEST)

    def __init__(self, mongo: Mongo) -> None:
        self._runs = mongo[self.collection_name]

    async def add(self, run: Run) -> Run:
        """Write a run once its ranges are written; return it, or the one of its number that somebody else opened."""
        key = {"region": run.region, "month": str(run.month), "number": run.number}
        with suppress(DuplicateKeyError):
            await self._runs.update_one(key, {"$setOnInsert": {"_id": run.id, **_pack(run)}}, upsert=True)
        return _unpack(await self._runs.find_one(key) or {})

    async def load(self, run: RunId) -> Run | None:
        """Return a run, if there is one."""
        found = await self._runs.find_one({"_id": run})
        return _unpack(found) if found else None

    async def newest_of(self, region: str, month: Month) -> Run | None:
        """Return the last run of a region's month."""
        found = await self._runs.find_one({"region": region, "month": str(month)}, sort=[("number", -1)])
        return _unpack(found) if found else None

    async def page(self, region: str, *, before: Before | None, limit: int) -> list[Run]:
        """Return a page of a region's runs, newest first."""
        query: Document = {"region": region, **earlier("started_at", before)}
        cursor = self._runs.find(query).sort([("started_at", -1), ("_id", -1)]).limit(limit)
        return [_unpack(document) async for document in cursor]

    async def finish(self, run: RunId, *, now: datetime) -> None:
        """Note that a run has come to its end; the first to note it says when."""
        await self._runs.update_one({"_id": run, "finished_at": None}, {"$set": {"finished_at": now}})


class RangeRepository:
    """Ranges of runs. Shard key: (run_id)."""

    collection_name = "bill_run_ranges"
    indexes: ClassVar[tuple[Index, ...]] = (TO_TAKE,)

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._ranges = mongo[self.collection_name]

    async def add(self, ranges: Sequence[Range]) -> None:
        """Write the ranges of a run that is being opened."""
        if ranges:
            await self._ranges.bulk_write([InsertOne(_pack_range(one)) for one in ranges], ordered=False)

    async def drop(self, run: RunId) -> None:
        """Drop the ranges of a run that somebody else opened first."""
        await self._ranges.delete_many({"run_id": run})

    async def take(self, run: RunId, *, owner: str, lost: datetime, now: datetime) -> Range | None:
        """Take the next range that is nobody's, or whose owner has not been heard of since `lost`."""
        for free in ({"state": RangeState.WAITING}, {"state": RangeState.TAKEN, "seen_at": {"$lt": lost}}):
            found = await self._ranges.find_one_and_update(
                {"run_id": run, **free},
                {"$set": {"state": RangeState.TAKEN, "owner": owner, "seen_at": now}},
                sort=[("number", 1)],
                return_document=ReturnDocument.AFTER,
            )
            if found is not None:
                return _unpack_range(found)
        return None

    async def owners(self, run: RunId) -> list[str]:
        """Return who has ranges of a run."""
        return await self._ranges.distinct("owner", {"run_id": run, "state": RangeState.TAKEN})

    async def give_back(self, run: RunId, *, owners: Iterable[str]) -> None:
        """Let others take the ranges of those who are gone."""
        await self._ranges.update_many(
            {"run_id": run, "state": RangeState.TAKEN, "owner": {"$in": list(owners)}},
            {"$set": {"state": RangeState.WAITING, "owner": None}},
        )

    async def note(self, one: Range, *, counts: Counts, owner: str, now: datetime) -> bool:
        """Note how far a range is and what its last chunk came to; False where it is somebody else's by now."""
        changes = {"after": one.after, "seen_at": now}
        added = {
            "issued": counts.issued,
            "held": counts.held,
            "waiting": counts.waiting,
            "already": counts.already,
        }
        query = {"_id": _key(one), "owner": owner}
        done = await self._ranges.update_one(query, {"$set": changes, "$inc": added})
        return done.matched_count == 1

    async def done(self, one: Range, *, owner: str, now: datetime) -> None:
        """Note that a range is done."""
        await self._ranges.update_one(
            {"_id": _key(one), "owner": owner},
            {"$set": {"state": RangeState.DONE, "owner": None, "seen_at": now}},
        )

    async def left(self, run: RunId) -> bool:
        """Say whether a run has ranges that are not done."""
        query = {"run_id": run, "state": {"$in": [RangeState.WAITING, RangeState.TAKEN]}}
        return await self._ranges.find_one(query, {"_id": 1}) is not None

    async def progress(self, runs: Iterable[RunId]) -> dict[RunId, Progress]:
        """Return how far runs are, in one round trip."""
        sums = {name: {"$sum": f"${name}"} for name in ("issued", "held", "waiting", "already")}
        found = await self._mongo.aggregate(
            self.collection_name,
            [
                {"$match": {"run_id": {"$in": list(runs)}}},
                {
                    "$group": {
                        "_id": "$run_id",
                        **sums,
                        "done": {"$sum": {"$cond": [{"$eq": ["$state", RangeState.DONE]}, 1, 0]}},
                        "seen_at": {"$max": "$seen_at"},
                        "workers": {"$addToSet": "$owner"},
                    }
                },
            ],
        )
        return {
            RunId(row["_id"]): Progress(
                counts=Counts(row["issued"], row["held"], row["waiting"], row["already"]),
                ranges_done=row["done"],
                seen_at=row["seen_at"],
                workers=tuple(sorted(owner for owner in row["workers"] if owner)),
            )
            for row in found
        }


def _key(one: Range) -> Document:
    return {"run": one.run_id, "number": one.number}


def _pack_range(one: Range) -> Document:
    return {
        "_id": _key(one),
        "schema": SCHEMA,
        "run_id": one.run_id,
        "number": one.number,
        "read_day": one.read_day,
        "first": one.first,
        "last": one.last,
        "accounts": one.accounts,
        "after": one.after,
        "state": RangeState.WAITING,
        "owner": None,
        "seen_at": None,
        "issued": 0,
        "held": 0,
        "waiting": 0,
        "already": 0,
    }


def _unpack_range(document: Document) -> Range:
    names = ("run_id", "number", "read_day", "first", "last", "accounts", "after")
    return Range(**{name: document[name] for name in names})


def _pack(run: Run) -> Document:
    return {
        "schema": SCHEMA,
        "accounts": run.accounts,
        "ranges": run.ranges,
        "not_due": run.not_due,
        "started_by": run.started_by,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }


def _unpack(document: Document) -> Run:
    return Run(
        id=RunId(document["_id"]),
        region=document["region"],
        month=Month.parse(document["month"]),
        number=document["number"],
        accounts=document["accounts"],
        ranges=document["ranges"],
        not_due=document["not_due"],
        started_by=document["started_by"],
        started_at=document["started_at"],
        finished_at=document["finished_at"],
    )
