"""Refused rows and feed clients in MongoDB."""

from collections.abc import Sequence
from typing import ClassVar, Final

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from gridhall.kit.mongo import Document, Index, Mongo
from gridhall.metering.feed.clients import FeedClient
from gridhall.metering.feed.quarantine import KeptRow

SCHEMA: Final = 1

NEWEST_FIRST = Index("-lastAt", name="newest_first")
"""Serves `newest`: the list of refused rows."""

BY_CLIENT = Index("client", "-lastAt", name="by_client_newest_first")
"""Serves `newest` of one client."""


class QuarantineRepository:
    """Refused rows. Shard key: `_id`, the hash that makes a row that is refused again the same row."""

    collection_name = "quarantine"
    indexes: ClassVar[tuple[Index, ...]] = (NEWEST_FIRST, BY_CLIENT)

    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo[self.collection_name]

    async def keep(self, rows: Sequence[KeptRow]) -> None:
        """Keep rows; one that is kept already is only counted once more."""
        writes = [
            UpdateOne(
                {"_id": row.id},
                {
                    "$setOnInsert": {
                        "schema": SCHEMA,
                        "client": row.client,
                        "batch": row.batch,
                        "line": row.line,
                        "raw": row.raw,
                        "code": row.code,
                        "sentence": row.sentence,
                        "meter": row.meter,
                        "day": row.day,
                        "readings": row.readings,
                        "firstAt": row.first_at,
                    },
                    "$max": {"lastAt": row.last_at},
                    "$inc": {"seen": row.seen},
                },
                upsert=True,
            )
            for row in rows
        ]
        if writes:
            await self._rows.bulk_write(writes, ordered=False)

    async def newest(self, *, client: str | None = None, limit: int) -> list[KeptRow]:
        """Return the rows refused last, newest first, of all clients or of one."""
        query = {} if client is None else {"client": client}
        found = self._rows.find(query).sort("lastAt", -1).limit(limit)
        return [_to_row(document) async for document in found]

    async def count(self) -> int:
        """Return how many rows are kept, roughly."""
        return await self._rows.estimated_document_count()


class FeedClientRepository:
    """Feed clients; `_id` is the name."""

    collection_name = "feed_clients"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._clients = mongo[self.collection_name]

    async def add(self, client: FeedClient) -> bool:
        """Write a new client; return False where one of this name exists."""
        try:
            await self._clients.insert_one(
                {
                    "_id": client.name,
                    "schema": SCHEMA,
                    "regions": sorted(client.regions),
                    "tokenHash": client.token_hash,
                    "createdAt": client.created_at,
                }
            )
        except DuplicateKeyError:
            return False
        return True

    async def by_name(self, name: str) -> FeedClient | None:
        """Return the client of a name."""
        document = await self._clients.find_one({"_id": name})
        return _to_client(document) if document else None


def _to_row(document: Document) -> KeptRow:
    return KeptRow(
        id=document["_id"],
        client=document["client"],
        batch=document["batch"],
        line=document["line"],
        raw=document["raw"],
        code=document["code"],
        sentence=document["sentence"],
        meter=document["meter"],
        day=document["day"],
        readings=document["readings"],
        first_at=document["firstAt"],
        last_at=document["lastAt"],
        seen=document["seen"],
    )


def _to_client(document: Document) -> FeedClient:
    return FeedClient(
        name=document["_id"],
        regions=frozenset(document["regions"]),
        token_hash=document["tokenHash"],
        created_at=document["createdAt"],
    )
