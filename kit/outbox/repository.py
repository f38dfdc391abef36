"""Events in MongoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pymongo import InsertOne, UpdateOne

from gridhall.kit.mongo import Document, Index, Mongo, Transaction, put_all, session_of
from gridhall.kit.outbox.model import Event

WAITING_IN_ORDER = Index("_id", "at", name="waiting_in_order", only={"waiting": True})
"""Serves `waiting`: only the events that were not published yet are in it, so it stays small."""

UNCONFIRMED = Index("published_at", "awaiting", name="unconfirmed", only={"awaiting.0": {"$exists": True}})
"""Serves `unconfirmed`: a crash of a worker, or of the broker, can lose a job between queue and result."""

PUBLISHED_EXPIRE = Index("published_at", name="published_expire", expire_seconds=90 * 86400)
"""Published events are kept for 90 days, for audit and for a consumer that has to read them again."""


class Outbox:
    """The outbox of the service. Shard key: _id, hashed."""

    collection_name = "outbox"
    indexes: ClassVar[tuple[Index, ...]] = (WAITING_IN_ORDER, UNCONFIRMED, PUBLISHED_EXPIRE)

    def __init__(self, mongo: Mongo) -> None:
        self._events = mongo[self.collection_name]

    async def add(self, events: Sequence[Event], *, transaction: Transaction) -> None:
        """Write events in the transaction of the change that they tell of."""
        if events:
            await self._events.insert_many([_pack(event) for event in events], session=transaction.session)

    async def add_once(self, events: Sequence[Event]) -> None:
        """Write events whose ids follow from what they tell of, outside a transaction; those told before stay."""
        writes = [InsertOne(_pack(event)) for event in events]
        await put_all(self._events, writes, [event.id for event in events])

    async def load(self, ids: Sequence[UUID], *, transaction: Transaction | None = None) -> list[Event]:
        """Return the events with these ids, in the order they happened; unknown ids are left out."""
        cursor = self._events.find({"_id": {"$in": list(ids)}}, session=session_of(transaction)).sort("_id")
        return [_unpack(document) async for document in cursor]

    async def waiting(self, *, before: datetime, limit: int) -> list[Event]:
        """Return the oldest events that happened before an instant and were not published."""
        query = {"waiting": True, "at": {"$lt": before}}
        cursor = self._events.find(query).sort("_id").limit(limit)
        return [_unpack(document) async for document in cursor]

    async def mark_published(self, jobs: Mapping[UUID, Sequence[str]], *, now: datetime) -> None:
        """Note which jobs each event was queued for; it is settled when all of them confirmed it.

        A job that was faster than this note has confirmed already and is not awaited.
        """
        if jobs:
            await self._events.bulk_write(
                [
                    UpdateOne(
                        {"_id": event_id},
                        [{"$set": {"published_at": now, "awaiting": _without_confirmed(names)}}, {"$unset": "waiting"}],
                    )
                    for event_id, names in jobs.items()
                ],
                ordered=False,
            )

    async def confirm(self, ids: Sequence[UUID], *, job: str) -> None:
        """Note that a job has consumed events. Idempotent."""
        await self._events.update_many(
            {"_id": {"$in": list(ids)}}, {"$pull": {"awaiting": job}, "$addToSet": {"confirmed": job}}
        )

    async def unconfirmed(self, *, before: datetime, limit: int, job: str | None = None) -> dict[UUID, list[str]]:
        """Return events published before an instant, with the jobs (or one job) that have not confirmed them."""
        query: Document = {"awaiting.0": {"$exists": True}, "published_at": {"$lt": before}}
        if job is not None:
            query["awaiting"] = job
        cursor = self._events.find(query, {"awaiting": 1}).sort("published_at").limit(limit)
        return {document["_id"]: document["awaiting"] async for document in cursor}


def _without_confirmed(names: Sequence[str]) -> Document:
    return {"$setDifference": [list(names), {"$ifNull": ["$confirmed", []]}]}


def _pack(event: Event) -> Document:
    return {
        "_id": event.id,
        "schema": 1,
        "kind": event.kind,
        "version": event.version,
        "about": event.about,
        "at": event.at,
        "payload": dict(event.payload),
        "request_id": event.request_id,
        "waiting": True,
    }


def _unpack(document: Document) -> Event:
    return Event(
        id=document["_id"],
        kind=document["kind"],
        version=document["version"],
        about=document["about"],
        at=document["at"],
        payload=document["payload"],
        request_id=document.get("request_id"),
    )
