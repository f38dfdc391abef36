"""Refused rows and feed clients in MongoDB."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import ClassVar, Final, get_args

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from gridhall.kit.keyset import Before, earlier
from gridhall.kit.mongo import Document, Index, Mongo
from gridhall.metering.feed.clients import READINGS, FeedClient, FeedToken
from gridhall.metering.feed.quarantine import AUTO, KeptRow, Settled

SCHEMA: Final = 2
"""Rows of schema 1 have neither format, head nor regions."""

CLIENT_SCHEMA: Final = 2
"""Clients of schema 1 have one token, and neither organisations nor an end."""

NEWEST_FIRST = Index("settled", "-lastAt", "-_id", name="open_newest_first")
"""Serves `page` and `open`: the rows in quarantine, or those that left it."""

BY_CLIENT = Index("settled", "client", "-lastAt", "-_id", name="open_by_client")
"""Serves `page` of one client."""

BY_REASON = Index("settled", "code", "-lastAt", "-_id", name="open_by_reason")
"""Serves `page` and `open` of one reason."""

OF_BATCH = Index("settled", "batch", "-lastAt", "-_id", name="open_of_batch")
"""Serves `page` and `open` of one delivery."""

BY_METER = Index("meter", "settled", "_id", name="open_by_meter")
"""Serves `of_meters`: what is taken again once a meter is known."""


class QuarantineRepository:
    """Refused rows. Shard key: `_id`, the hash that makes a row that is refused again the same row."""

    collection_name = "quarantine"
    indexes: ClassVar[tuple[Index, ...]] = (NEWEST_FIRST, BY_CLIENT, BY_REASON, OF_BATCH, BY_METER)

    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo[self.collection_name]

    async def keep(self, rows: Sequence[KeptRow]) -> None:
        """Keep rows; one that is kept already is only counted once more, and one that was settled is back."""
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
                        "format": row.format,
                        "head": row.head,
                    },
                    "$set": {
                        "regions": None if row.regions is None else sorted(row.regions),
                        "orgPaths": sorted(row.org_paths),
                    },
                    "$unset": {"settled": "", "settledBy": "", "settledAt": ""},
                    "$max": {"lastAt": row.last_at},
                    "$inc": {"seen": row.seen},
                },
                upsert=True,
            )
            for row in rows
        ]
        if writes:
            await self._rows.bulk_write(writes, ordered=False)

    async def page(
        self,
        *,
        client: str | None = None,
        reason: str | None = None,
        batch: str | None = None,
        regions: Collection[str] | None = None,
        settled: bool = False,
        after: bytes | None = None,
        limit: int,
    ) -> list[KeptRow]:
        """Return rows in quarantine (or those that were settled), the last refused first.

        client, reason, batch: only theirs. regions: only of clients that may write one of them, and of files.
        after: id of a row, to go on below it; nothing follows one that is not kept.
        """
        query: Document = {"settled": {"$in": list(get_args(Settled))} if settled else None}
        wanted = (("client", client), ("code", reason), ("batch", batch))
        query |= {name: value for name, value in wanted if value is not None}
        if regions is not None:
            query["regions"] = {"$in": [None, *regions]}
        if after is not None:
            last = await self._rows.find_one({"_id": after}, {"lastAt": 1})
            if last is None:
                return []
            query |= earlier("lastAt", (last["lastAt"], after))
        return await self._newest_first(query, limit)

    async def open(
        self, *, batch: str | None = None, reason: str | None = None, before: Before | None = None, limit: int
    ) -> list[KeptRow]:
        """Return rows in quarantine, of all or of one delivery or reason: the last refused first, from behind a place.

        A row that is refused again meanwhile is behind nobody's place any more, so a walk meets each once.
        """
        query: Document = {"settled": None} | earlier("lastAt", before)
        query |= {name: value for name, value in (("batch", batch), ("code", reason)) if value is not None}
        return await self._newest_first(query, limit)

    async def of_meters(self, numbers: Collection[str], *, after: bytes | None = None, limit: int) -> list[KeptRow]:
        """Return rows in quarantine of some meters in the order of their ids, from behind `after`."""
        query: Document = {"meter": {"$in": list(numbers)}, "settled": None}
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._rows.find(query).sort("_id", 1).limit(limit)
        return [_to_row(document) async for document in found]

    async def by_id(self, id: bytes) -> KeptRow | None:
        """Return a row, in quarantine or settled."""
        document = await self._rows.find_one({"_id": id})
        return _to_row(document) if document else None

    async def by_ids(self, ids: Collection[bytes]) -> list[KeptRow]:
        """Return those of the rows that are kept, in quarantine or settled, in the order of their ids."""
        found = self._rows.find({"_id": {"$in": list(ids)}}).sort("_id", 1)
        return [_to_row(document) async for document in found]

    async def settle(self, row: KeptRow, *, settled: Settled, by: bytes | None, now: datetime) -> bool:
        """Mark a row as having left the quarantine; `by` is the row that took its place, if another did.

        Returns False where it was refused again, or settled, since `row` was read.
        """
        result = await self._rows.update_one(
            {"_id": row.id, "settled": None, "seen": row.seen},
            {"$set": {"settled": settled, "settledBy": by, "settledAt": now}},
        )
        return result.modified_count == 1

    async def _newest_first(self, query: Document, limit: int) -> list[KeptRow]:
        found = self._rows.find(query).sort([("lastAt", -1), ("_id", -1)]).limit(limit)
        return [_to_row(document) async for document in found]


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
                    "schema": CLIENT_SCHEMA,
                    "regions": sorted(client.regions),
                    "orgPaths": sorted(client.org_paths),
                    "scopes": sorted(client.scopes),
                    "tokens": _from_tokens(client),
                    "createdAt": client.created_at,
                    "revokedAt": client.revoked_at,
                }
            )
        except DuplicateKeyError:
            return False
        return True

    async def change(self, before: FeedClient, after: FeedClient) -> bool:
        """Write a client's tokens and its end; return False where its tokens changed since `before` was read."""
        newest = before.tokens[0].hash if before.tokens else None
        result = await self._clients.update_one(
            {"_id": before.name, "$or": [{"tokens.0.hash": newest}, {"tokenHash": newest}]},
            {
                "$set": {"schema": CLIENT_SCHEMA, "tokens": _from_tokens(after), "revokedAt": after.revoked_at},
                "$unset": {"tokenHash": ""},
            },
        )
        return result.modified_count == 1

    async def page(self, *, after: str | None = None, limit: int) -> list[FeedClient]:
        """Return clients in the order of their names, from behind `after`."""
        query: Document = {} if after is None else {"_id": {"$gt": after}}
        return [_to_client(document) async for document in self._clients.find(query).sort("_id", 1).limit(limit)]

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
        format=document.get("format", AUTO),
        head=document.get("head", b""),
        regions=None if (regions := document.get("regions")) is None else frozenset(regions),
        settled=document.get("settled"),
        org_paths=frozenset(document.get("orgPaths", ())),
    )


def _to_client(document: Document) -> FeedClient:
    return FeedClient(
        name=document["_id"],
        regions=frozenset(document["regions"]),
        tokens=_to_tokens(document),
        created_at=document["createdAt"],
        org_paths=frozenset(document.get("orgPaths", ())),
        revoked_at=document.get("revokedAt"),
        scopes=frozenset(document.get("scopes", READINGS)),
    )


def _from_tokens(client: FeedClient) -> list[Document]:
    return [{"hash": one.hash, "createdAt": one.created_at, "endsAt": one.ends_at} for one in client.tokens]


def _to_tokens(document: Document) -> tuple[FeedToken, ...]:
    if "tokenHash" in document:
        return (FeedToken(document["tokenHash"], document["createdAt"]),)
    return tuple(FeedToken(one["hash"], one["createdAt"], one["endsAt"]) for one in document["tokens"])
