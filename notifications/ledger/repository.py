"""Notices and deliveries in MongoDB."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Final

from pymongo import ReturnDocument, UpdateOne

from gridhall.billing.accounts.model import AccountId
from gridhall.crm.customers.model import CustomerId
from gridhall.kit.ids import new_id
from gridhall.kit.keyset import Before, earlier
from gridhall.kit.mongo import Document, Index, Mongo
from gridhall.notifications.catalogue import Way
from gridhall.notifications.ledger.model import Delivery, DeliveryRecord, DeliveryState, Notice

LEASE: Final = timedelta(minutes=2)
"""How long a claimed delivery is left to its claimer; far longer than any attempt may take."""

DUE = Index("next_at", name="due", only={"open": True})
"""Serves `due`: deliveries that wait for an attempt, and claimed ones; closed ones are not in it."""

OF_CUSTOMER = Index("customer_id", "-at", "-_id", name="newest_of_customer")
"""Serves `of_customer`, the desk's question: what was this customer sent?"""


class DeliveryRepository:
    """Deliveries, each with its notice inside. Shard key: _id, hashed."""

    collection_name = "deliveries"
    indexes: ClassVar[tuple[Index, ...]] = (DUE, OF_CUSTOMER)

    def __init__(self, mongo: Mongo) -> None:
        self._deliveries = mongo[self.collection_name]

    async def add(self, notices: Sequence[tuple[Notice, Mapping[Way, str | None]]], *, now: datetime) -> list[str]:
        """Write a delivery for each way of each notice and return their keys; those that are there stay as they are.

        The value of a way is None where it is to be sent, else the reason why it is suppressed.
        """
        writes: list[UpdateOne] = []
        keys: list[str] = []
        for notice, ways in notices:
            for way, suppressed in ways.items():
                keys.append(f"{notice.key}:{way}")
                writes.append(
                    UpdateOne({"_id": keys[-1]}, {"$setOnInsert": _new(notice, way, suppressed, now)}, upsert=True)
                )
        if writes:
            await self._deliveries.bulk_write(writes, ordered=False)
        return keys

    async def due(self, *, now: datetime, limit: int) -> list[str]:
        """Return the keys of deliveries whose next attempt, or the end of whose lease, has come."""
        cursor = self._deliveries.find({"open": True, "next_at": {"$lte": now}}, {"_id": 1}).sort("next_at")
        return [document["_id"] async for document in cursor.limit(limit)]

    async def claim(self, key: str, *, now: datetime) -> Delivery | None:
        """Take a delivery for one attempt, or None where it is not due, or somebody else has it.

        A claim whose lease ran out left no result: whether it was sent is unknown, and it is closed as such.
        """
        await self._deliveries.update_one(
            {"_id": key, "state": DeliveryState.CLAIMED, "next_at": {"$lte": now}},
            {
                "$set": {"state": DeliveryState.UNKNOWN, "reason": "lease-ran-out", "ended_at": now},
                "$unset": {"open": ""},
            },
        )
        found = await self._deliveries.find_one_and_update(
            {"_id": key, "state": DeliveryState.PENDING, "next_at": {"$lte": now}},
            {"$set": {"state": DeliveryState.CLAIMED, "next_at": now + LEASE}, "$inc": {"attempts": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return _unpack(found) if found else None

    async def close(
        self, key: str, *, state: DeliveryState, reason: str | None, reference: str | None, now: datetime
    ) -> None:
        """Note how a delivery ended."""
        await self._deliveries.update_one(
            {"_id": key},
            {
                "$set": {"state": state, "reason": reason, "reference": reference, "ended_at": now},
                "$unset": {"open": "", "data": ""} if state is DeliveryState.SENT else {"open": ""},
            },
        )

    async def retry(self, key: str, *, at: datetime, reason: str | None) -> None:
        """Put a delivery back for a later attempt, also one whose lease had run out before its result came."""
        await self._deliveries.update_one(
            {"_id": key},
            {"$set": {"state": DeliveryState.PENDING, "next_at": at, "reason": reason, "open": True}},
        )

    async def postpone(self, key: str, *, at: datetime, reason: str) -> None:
        """Put a delivery back that nothing was tried of: the claim does not count as an attempt."""
        await self._deliveries.update_one(
            {"_id": key},
            {
                "$set": {"state": DeliveryState.PENDING, "next_at": at, "reason": reason, "open": True},
                "$inc": {"attempts": -1},
            },
        )

    async def of_customer(
        self,
        customer_id: CustomerId,
        *,
        accounts: Collection[AccountId],
        before: Before | None,
        limit: int,
        state: DeliveryState | None = None,
    ) -> list[DeliveryRecord]:
        """Return what a customer was to be told of some accounts, or of none, newest first; all of it or a state."""
        query: Document = {"customer_id": customer_id, "account_id": {"$in": [*accounts, None]}}
        query |= earlier("at", before) | ({"state": state} if state else {})
        cursor = self._deliveries.find(query, {"data": 0}).sort([("at", -1), ("_id", -1)]).limit(limit)
        return [_record(document) async for document in cursor]

    async def sent_of(self, prefixes: Sequence[str]) -> dict[str, list[DeliveryRecord]]:
        """Return by prefix of the keys the deliveries that their gateway took, the first first."""
        if not prefixes:
            return {}
        ranges = [{"_id": {"$gte": prefix, "$lt": f"{prefix}\uffff"}} for prefix in prefixes]
        query: Document = {"$or": ranges, "state": DeliveryState.SENT}
        found: dict[str, list[DeliveryRecord]] = {prefix: [] for prefix in prefixes}
        async for document in self._deliveries.find(query, {"data": 0}).sort("ended_at"):
            record = _record(document)
            found[next(prefix for prefix in prefixes if record.key.startswith(prefix))].append(record)
        return found

    async def states(self, keys: Iterable[str]) -> dict[str, DeliveryState]:
        """Return where deliveries stand."""
        cursor = self._deliveries.find({"_id": {"$in": list(keys)}}, {"state": 1})
        return {document["_id"]: DeliveryState(document["state"]) async for document in cursor}


def _new(notice: Notice, way: Way, suppressed: str | None, now: datetime) -> Document:
    document: Document = {
        "schema": 1,
        "delivery_id": new_id(),
        "notice": notice.key,
        "kind": notice.kind,
        "customer_id": notice.customer_id,
        "account_id": notice.account_id,
        "at": notice.at,
        "data": dict(notice.data),
        "way": way,
        "state": DeliveryState.SUPPRESSED if suppressed else DeliveryState.PENDING,
        "reason": suppressed,
        "attempts": 0,
        "next_at": now,
    }
    return document if suppressed else {**document, "open": True}


def _unpack(document: Document) -> Delivery:
    return Delivery(
        key=document["_id"],
        id=document["delivery_id"],
        notice=Notice(
            key=document["notice"],
            kind=document["kind"],
            customer_id=document["customer_id"],
            at=document["at"],
            data=document["data"],
            account_id=document.get("account_id"),
        ),
        way=Way(document["way"]),
        state=DeliveryState(document["state"]),
        attempts=document["attempts"],
    )


def _record(document: Document) -> DeliveryRecord:
    return DeliveryRecord(
        key=document["_id"],
        id=document["delivery_id"],
        kind=document["kind"],
        way=Way(document["way"]),
        state=DeliveryState(document["state"]),
        at=document["at"],
        ended_at=document.get("ended_at"),
        reason=document["reason"],
        attempts=document["attempts"],
    )
