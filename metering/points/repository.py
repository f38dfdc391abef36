"""Service points and meters in MongoDB."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from pymongo import ReplaceOne

from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of
from gridhall.metering.points.model import KnownMeter, Meter, MeterLink, ServicePoint

SCHEMA = 2
"""Points of schema 1 have neither class, district, capacity nor place; meters neither digits nor a way of reading."""

BY_DISTRICT = Index("district", "_id", name="by_district", only={"district": {"$type": "string"}})
"""Serves `in_district`: the neighbours behind one transformer, with its sum meter. A query must say the type too."""

BY_REGION = Index("region", "_id", name="by_region")
"""Serves `page` and `pages`: walking all points of a region in the order of their ids."""

BY_REGION_AND_DISTRICT = Index("region", "district", "_id", name="by_region_and_district")
"""Serves `walk`: the points of a region transformer by transformer, and `count`; both read nothing but the index."""

BY_METER = Index("links.meter", name="by_meter")
"""Serves `known` and `points_of`: from the number in a feed to the point, many numbers at once."""


class MeterRepository:
    """Meter assets; `_id` is the meter's number, so that a number is unique on any number of shards."""

    collection_name = "meters"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._meters = mongo[self.collection_name]

    async def by_numbers(self, numbers: Collection[str], *, transaction: Transaction | None = None) -> dict[str, Meter]:
        """Return those of the meters that exist, by number."""
        found = self._meters.find({"_id": {"$in": list(numbers)}}, session=session_of(transaction))
        return {document["_id"]: _to_meter(document) async for document in found}

    async def put(self, meters: Sequence[Meter], *, transaction: Transaction | None = None) -> None:
        """Write the meters; the same meter again changes nothing."""
        writes = [ReplaceOne({"_id": meter.number}, _from_meter(meter), upsert=True) for meter in meters]
        if writes:
            await self._meters.bulk_write(writes, ordered=False, session=session_of(transaction))


class PointRepository:
    """Service points with their dated meter links. Shard key: `_id`."""

    collection_name = "service_points"
    indexes: ClassVar[tuple[Index, ...]] = (BY_METER, BY_DISTRICT, BY_REGION, BY_REGION_AND_DISTRICT)

    def __init__(self, mongo: Mongo) -> None:
        self._points = mongo[self.collection_name]
        self._meters = MeterRepository(mongo)

    async def by_ids(
        self, ids: Collection[UUID], *, transaction: Transaction | None = None
    ) -> dict[UUID, ServicePoint]:
        """Return those of the points that exist, by id."""
        return {point.id: point for point in await self._find({"_id": {"$in": list(ids)}}, transaction)}

    async def points_of(
        self, numbers: Collection[str], *, transaction: Transaction | None = None
    ) -> list[ServicePoint]:
        """Return every point at which one of the meters hangs or hung."""
        return await self._find({"links.meter": {"$in": list(numbers)}}, transaction)

    async def in_district(self, district: str) -> list[ServicePoint]:
        """Return every point of a transformer district, its sum meter's among them."""
        return await self._find({"district": {"$eq": district, "$type": "string"}})

    async def page(self, *, region: str, after: UUID | None = None, limit: int) -> list[ServicePoint]:
        """Return points of a region in the order of their ids, from behind `after`."""
        query: dict[str, Any] = {"region": region}
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._points.find(query).sort("_id", 1).limit(limit)
        return [_to_point(document) async for document in found]

    async def pages(self, *, region: str, after: UUID | None = None, limit: int) -> AsyncIterator[list[ServicePoint]]:
        """Yield all points of a region from behind `after`, a page at a time, so that memory holds one page."""
        while found := await self.page(region=region, after=after, limit=limit):
            yield found
            after = found[-1].id

    async def count(self, *, region: str) -> int:
        """Return how many points a region has."""
        return await self._points.count_documents({"region": region})

    async def walk(self, *, region: str) -> AsyncIterator[tuple[str | None, UUID]]:
        """Walk the districts and ids of all points of a region, those without a district first."""
        order = [("district", 1), ("_id", 1)]
        async for document in self._points.find({"region": region}, {"district": 1}).sort(order):
            yield document.get("district"), document["_id"]

    async def known(self, numbers: Collection[str], *, transaction: Transaction | None = None) -> dict[str, KnownMeter]:
        """Return the meters of these numbers with their points; a number that nobody registered is left out."""
        meters = await self._meters.by_numbers(numbers, transaction=transaction)
        points: dict[str, list[ServicePoint]] = {number: [] for number in meters}
        for point in await self.points_of(meters, transaction=transaction):
            for number in {link.meter for link in point.links} & points.keys():
                points[number].append(point)
        return {number: KnownMeter(meter, tuple(points[number])) for number, meter in meters.items()}

    async def put(
        self, points: Sequence[ServicePoint], meters: Sequence[Meter], *, transaction: Transaction | None = None
    ) -> None:
        """Write meters and points; the same ones again change nothing."""
        await self._meters.put(meters, transaction=transaction)
        writes = [ReplaceOne({"_id": point.id}, _from_point(point), upsert=True) for point in points]
        if writes:
            await self._points.bulk_write(writes, ordered=False, session=session_of(transaction))

    async def _find(self, query: dict[str, Any], transaction: Transaction | None = None) -> list[ServicePoint]:
        found = self._points.find(query, session=session_of(transaction))
        return [_to_point(document) async for document in found]


def _from_meter(meter: Meter) -> Document:
    return {
        "_id": meter.number,
        "schema": SCHEMA,
        "scale": meter.scale,
        "minutes": meter.interval_minutes,
        "channels": sorted(meter.channels),
        "digits": meter.digits,
        "remote": meter.remote,
    }


def _to_meter(document: Document) -> Meter:
    return Meter(
        number=document["_id"],
        scale=document["scale"],
        interval_minutes=document["minutes"],
        channels=frozenset(document["channels"]),
        digits=document.get("digits"),
        remote=document.get("remote", True),
    )


def _from_point(point: ServicePoint) -> Document:
    return {
        "_id": point.id,
        "schema": SCHEMA,
        "region": point.region,
        "orgPath": point.org_path,
        "zone": point.zone,
        "calendar": point.calendar,
        "class": point.supply_class,
        "district": point.district,
        "capacityKw": point.capacity_kw,
        "place": list(point.place) if point.place else None,
        "links": [
            {
                "meter": link.meter,
                "from": link.from_day.isoformat(),
                "to": link.to_day.isoformat() if link.to_day else None,
                "multiplier": link.multiplier,
            }
            for link in point.links
        ],
    }


def _to_point(document: Document) -> ServicePoint:
    return ServicePoint(
        id=document["_id"],
        region=document["region"],
        org_path=document["orgPath"],
        zone=document["zone"],
        calendar=document["calendar"],
        supply_class=document.get("class", "residential"),
        district=document.get("district"),
        capacity_kw=document.get("capacityKw"),
        place=(place[0], place[1]) if (place := document.get("place")) else None,
        links=tuple(
            MeterLink(
                meter=link["meter"],
                from_day=date.fromisoformat(link["from"]),
                to_day=date.fromisoformat(link["to"]) if link["to"] else None,
                multiplier=link["multiplier"],
            )
            for link in document["links"]
        ),
    )
