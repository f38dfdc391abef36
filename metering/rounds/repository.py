"""Reading routes, worklists and what was brought back, in MongoDB."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import ClassVar, Final
from uuid import UUID

from pymongo import InsertOne, ReplaceOne

from gridhall.kit.keyset import beyond
from gridhall.kit.localdays import Days
from gridhall.kit.mongo import Document, Index, Mongo, Write, put_all
from gridhall.metering.rounds.documents import (
    from_entry,
    from_judged,
    from_route,
    from_worklist,
    to_entry,
    to_judged,
    to_route,
    to_worklist,
)
from gridhall.metering.rounds.model import Entry, Kind, Route, Worklist, entry_id
from gridhall.metering.rounds.rates import Tally
from gridhall.metering.rounds.reads import JudgedRead, Verdict

BY_DAY = Index("day", "_id", name="by_day")
"""Serves `due`: the routes that are read on a day of the month."""

BY_POINT = Index("points", name="by_point")
"""Serves `of_points`: on which route a silent meter lies."""

ROUTES_BY_READER = Index("reader", "_id", name="by_reader")
"""Serves `page` for one reader."""

ROUTES_BY_REGION = Index("region", "_id", name="by_region")
"""Serves `page` for a region."""

BY_REGION_AND_DAY = Index("region", "day", "_id", name="by_region_and_day")
"""Serves `within` and `rates`: the lists of a region, of some days."""

OPEN_BY_DAY = Index("day", "_id", name="open_by_day", only={"closed": False})
"""Serves `to_close`: lists whose time is over."""

IN_ORDER = Index("list", "position", name="in_order")
"""Serves `page` and `all_of`: a list in walking order."""

OPEN_OF_POINT = Index("point", name="open_of_point", only={"closed": False})
"""Serves `open_of` and `silent_of`: what somebody still has to do at a point."""

OF_ENTRY = Index("list", "point", name="of_entry")
"""Serves `of_entries`: everything that was brought for an entry."""

_EVERYWHERE: Final = ("",)


class RouteRepository:
    """Reading routes. Shard key: _id, which begins with the region."""

    collection_name = "reading_routes"
    indexes: ClassVar[tuple[Index, ...]] = (BY_DAY, BY_POINT, ROUTES_BY_READER, ROUTES_BY_REGION)

    def __init__(self, mongo: Mongo) -> None:
        self._routes = mongo[self.collection_name]

    async def put(self, routes: Sequence[Route]) -> None:
        """Write routes; one that exists takes the new state, the same again changes nothing."""
        writes = [ReplaceOne({"_id": route.id}, from_route(route), upsert=True) for route in routes]
        if writes:
            await self._routes.bulk_write(writes, ordered=False)

    async def load(self, ids: Iterable[str]) -> dict[str, Route]:
        """Return routes by id; unknown ones are left out."""
        cursor = self._routes.find({"_id": {"$in": list(ids)}})
        return {document["_id"]: to_route(document) async for document in cursor}

    async def page(
        self,
        *,
        region: str | None = None,
        units: Collection[str] = _EVERYWHERE,
        reader: UUID | None = None,
        after: str = "",
        limit: int,
    ) -> list[Route]:
        """Return routes in the order of their ids: of a region, of a unit and those below it, of one reader."""
        query = _where(region, units) | {"_id": {"$gt": after}} | ({"reader": reader} if reader else {})
        return [to_route(document) async for document in self._routes.find(query).sort("_id", 1).limit(limit)]

    async def due(self, *, day: int, after: str, limit: int) -> list[Route]:
        """Return routes of every region that are read on a day of the month, in the order of their ids."""
        query = {"day": day, "_id": {"$gt": after}}
        return [to_route(document) async for document in self._routes.find(query).sort("_id", 1).limit(limit)]

    async def of_points(self, point_ids: Collection[UUID]) -> dict[UUID, Route]:
        """Return the route on which each of the points lies; those on none are left out."""
        found: dict[UUID, Route] = {}
        async for document in self._routes.find({"points": {"$in": list(point_ids)}}).sort("_id", 1):
            route = to_route(document)
            found |= {point_id: route for point_id in route.points if point_id not in found}
        return {point_id: found[point_id] for point_id in point_ids if point_id in found}

    async def give(self, route_id: str, *, reader: UUID | None) -> None:
        """Give a route to a reader, or to nobody. Lists that are made already keep theirs."""
        await self._routes.update_one({"_id": route_id}, {"$set": {"reader": reader}})


class WorklistRepository:
    """Worklists and their entries. Shard key of both: _id, which begins with the region."""

    collection_name = "reading_worklists"
    indexes: ClassVar[tuple[Index, ...]] = (BY_REGION_AND_DAY, OPEN_BY_DAY)

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._lists = mongo[self.collection_name]

    async def add(self, worklist: Worklist) -> None:
        """Write a worklist unless it is there."""
        await put_all(self._lists, [InsertOne(from_worklist(worklist))], [b""])

    async def load(self, worklist_id: str) -> Worklist | None:
        """Return a worklist."""
        document = await self._lists.find_one({"_id": worklist_id}, {"tallies": 0})
        return to_worklist(document) if document else None

    async def within(
        self,
        *,
        region: str,
        units: Collection[str] = _EVERYWHERE,
        days: Days,
        reader: UUID | None = None,
        after: tuple[str, str] = ("", ""),
        limit: int,
    ) -> list[Worklist]:
        """Return lists of a region whose day lies in `days`, by day and id, from behind `after` (day, id)."""
        query = _where(region, units) | _between(days) | ({"reader": reader} if reader else {})
        if after[0]:
            query["$or"] = [{"day": {"$gt": after[0]}}, {"day": after[0], "_id": {"$gt": after[1]}}]
        found = self._lists.find(query, {"tallies": 0}).sort([("day", 1), ("_id", 1)]).limit(limit)
        return [to_worklist(document) async for document in found]

    async def to_close(self, *, before: date, limit: int) -> list[Worklist]:
        """Return open lists of days before `before`, the oldest first."""
        query = {"closed": False, "day": {"$lt": before.isoformat()}}
        found = self._lists.find(query, {"tallies": 0}).sort([("day", 1), ("_id", 1)]).limit(limit)
        return [to_worklist(document) async for document in found]

    async def close(self, worklist_id: str) -> None:
        """Close a list. Idempotent."""
        await self._lists.update_one({"_id": worklist_id}, {"$set": {"closed": True}})

    async def keep_tallies(self, worklist_id: str, *, version: int, tallies: Mapping[UUID | None, Tally]) -> None:
        """Write what a list counts for, a person; a count of an older version comes too late and changes nothing."""
        rows = [
            {
                "person": str(person) if person else "",
                "planned": one.planned,
                "read": one.read,
                "firstRight": one.first_right,
                "reread": one.reread,
                "noAccess": one.no_access,
            }
            for person, one in tallies.items()
        ]
        await self._lists.update_one(
            {"_id": worklist_id, "version": {"$lt": version}}, {"$set": {"version": version, "tallies": rows}}
        )

    async def rates(
        self, *, region: str, units: Collection[str], days: Days, after: tuple[str, str] | None, limit: int
    ) -> list[tuple[str, str, Tally]]:
        """Return tallies of lists whose day lies in `days`, a route and person (id), in that order.

        Lists of silent meters on no route are of route ''; what nobody was given is of person ''.
        """
        match: Document = {"$match": _where(region, units) | _between(days)}
        names = ("planned", "read", "firstRight", "reread", "noAccess")
        key = {"route": {"$ifNull": ["$route", ""]}, "person": "$tallies.person"}
        group: Document = {"_id": key}
        group |= {name: {"$sum": f"$tallies.{name}"} for name in names}
        behind: Document = {}
        behind |= beyond("_id.route", after, by="_id.person")
        rows = await self._mongo.aggregate(
            self.collection_name,
            [
                match,
                {"$unwind": "$tallies"},
                {"$group": group},
                {"$match": behind},
                {"$sort": {"_id.route": 1, "_id.person": 1}},
                {"$limit": limit},
            ],
        )
        return [(row["_id"]["route"], row["_id"]["person"], Tally(*(row[name] for name in names))) for row in rows]


class EntryRepository:
    """The entries of worklists, each written only at the revision that was read. Shard key: _id."""

    collection_name = "reading_entries"
    indexes: ClassVar[tuple[Index, ...]] = (IN_ORDER, OPEN_OF_POINT)

    def __init__(self, mongo: Mongo) -> None:
        self._entries = mongo[self.collection_name]

    async def add(self, entries: Sequence[Entry]) -> None:
        """Write entries that are not there yet."""
        await put_all(self._entries, [InsertOne(from_entry(one)) for one in entries], [b""] * len(entries))

    async def load(self, ids: Iterable[str]) -> dict[str, Entry]:
        """Return entries by id; unknown ones are left out."""
        cursor = self._entries.find({"_id": {"$in": list(ids)}})
        return {document["_id"]: to_entry(document) async for document in cursor}

    async def page(self, worklist_id: str, *, after: int = 0, limit: int) -> list[Entry]:
        """Return entries of a list in walking order, from behind a position."""
        query = {"list": worklist_id, "position": {"$gt": after}}
        return [to_entry(document) async for document in self._entries.find(query).sort("position", 1).limit(limit)]

    async def all_of(self, worklist_id: str) -> list[Entry]:
        """Return all entries of a list, 2,000 at most, in walking order."""
        return [to_entry(one) async for one in self._entries.find({"list": worklist_id}).sort("position", 1)]

    async def silent_of(self, point_ids: Collection[UUID]) -> list[Entry]:
        """Return the open entries by which somebody was sent to silent meters of these points."""
        query = {"point": {"$in": list(point_ids)}, "kind": Kind.SILENT, "closed": False}
        return [to_entry(document) async for document in self._entries.find(query)]

    async def open_of(self, point_ids: Collection[UUID]) -> list[Entry]:
        """Return the entries of lists that are not closed yet of these points."""
        found = self._entries.find({"point": {"$in": list(point_ids)}, "closed": False})
        return [to_entry(document) async for document in found]

    async def put(self, entries: Sequence[Entry]) -> set[str]:
        """Write entries whose revision is one more than what is kept; return the ids of those that came too late."""
        writes: list[Write] = [
            ReplaceOne({"_id": one.id, "r": one.revision - 1}, from_entry(one), upsert=True) for one in entries
        ]
        late = await put_all(self._entries, writes, [one.id.encode() for one in entries])
        return {key.decode() for key in late}


class HandReadRepository:
    """Reads by people, each under the id that the phone gave it. Shard key: _id."""

    collection_name = "hand_reads"
    indexes: ClassVar[tuple[Index, ...]] = (OF_ENTRY,)

    def __init__(self, mongo: Mongo) -> None:
        self._reads = mongo[self.collection_name]

    async def load(self, ids: Iterable[UUID]) -> dict[UUID, JudgedRead]:
        """Return reads by id; unknown ones are left out."""
        cursor = self._reads.find({"_id": {"$in": list(ids)}})
        return {document["_id"]: to_judged(document) async for document in cursor}

    async def of_entries(self, entries: Collection[Entry]) -> dict[str, list[JudgedRead]]:
        """Return everything that was brought for entries, by the entry's id."""
        found: dict[str, list[JudgedRead]] = {}
        places = [{"list": entry.worklist, "point": entry.point_id} for entry in entries]
        if places:
            async for document in self._reads.find({"$or": places}).sort("_id", 1):
                read = to_judged(document)
                found.setdefault(entry_id(read.read.worklist, read.read.point_id), []).append(read)
        return found

    async def add(self, reads: Sequence[JudgedRead]) -> None:
        """Write reads whose id is not there yet."""
        await put_all(self._reads, [InsertOne(from_judged(one)) for one in reads], [b""] * len(reads))

    async def confirm(self, reads: Sequence[JudgedRead]) -> None:
        """Write reads in the place of the same ones that waited to be confirmed."""
        writes = [ReplaceOne({"_id": one.read.id, "verdict": Verdict.WARNED}, from_judged(one)) for one in reads]
        if writes:
            await self._reads.bulk_write(writes, ordered=False)


def _where(region: str | None, units: Collection[str]) -> Document:
    """Return the filter of a region and, unless '' is among them, of some units and all below them."""
    query: Document = {"region": region} if region else {}
    if "" not in units:
        query["orgPath"] = {"$regex": f"^({'|'.join(re.escape(unit) for unit in units)})(/|$)"}
    return query


def _between(days: Days) -> Document:
    return {"day": {"$gte": days.start.isoformat(), "$lt": days.end.isoformat()}}
