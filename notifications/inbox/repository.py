"""Inboxes in MongoDB."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pymongo import UpdateOne

from gridhall.crm.customers.model import CustomerId
from gridhall.kit.ids import new_id
from gridhall.kit.keyset import beyond
from gridhall.kit.mongo import Document, Index, Mongo
from gridhall.notifications.inbox.model import InboxItem
from gridhall.notifications.ledger.model import Notice

NEWEST_FIRST = Index("customer_id", "-at", "-_id", name="newest_first")
"""Serves `page`: a customer's inbox, by when things happened."""

ONE_A_NOTICE = Index("customer_id", "notice", name="one_a_notice", unique=True)
"""Keeps a notice from standing in an inbox twice."""


class InboxRepository:
    """Inbox items. Shard key: (customer_id)."""

    collection_name = "inbox"
    indexes: ClassVar[tuple[Index, ...]] = (NEWEST_FIRST, ONE_A_NOTICE)

    def __init__(self, mongo: Mongo) -> None:
        self._items = mongo[self.collection_name]

    async def add(self, notices: Sequence[Notice]) -> None:
        """Put notices into the inboxes of their customers. Idempotent by the notice's key."""
        writes = [
            UpdateOne(
                {"customer_id": notice.customer_id, "notice": notice.key},
                {
                    "$setOnInsert": {
                        "_id": new_id(),
                        "schema": 1,
                        "kind": notice.kind,
                        "at": notice.at,
                        "data": dict(notice.data),
                        "read_at": None,
                    }
                },
                upsert=True,
            )
            for notice in notices
            if notice.customer_id is not None
        ]
        if writes:
            await self._items.bulk_write(writes, ordered=False)

    async def page(
        self, customer_id: CustomerId, *, after: tuple[datetime, UUID] | None, limit: int
    ) -> list[InboxItem]:
        """Return a customer's items, newest first, after a position."""
        query: Document = {"customer_id": customer_id}
        query |= beyond("at", after, falling=True)
        cursor = self._items.find(query).sort([("at", -1), ("_id", -1)]).limit(limit)
        return [_unpack(document) async for document in cursor]

    async def one(self, customer_id: CustomerId, item_id: UUID) -> InboxItem | None:
        """Return one item of a customer's own inbox."""
        found = await self._items.find_one({"_id": item_id, "customer_id": customer_id})
        return _unpack(found) if found else None

    async def unread(self, customer_id: CustomerId, *, most: int) -> int:
        """Count a customer's unread items, up to `most`."""
        return await self._items.count_documents({"customer_id": customer_id, "read_at": None}, limit=most)

    async def mark_read(self, customer_id: CustomerId, item_id: UUID, *, now: datetime) -> InboxItem | None:
        """Note that a customer read an item; None where the customer has no such item. Idempotent."""
        await self._items.update_one(
            {"_id": item_id, "customer_id": customer_id, "read_at": None}, {"$set": {"read_at": now}}
        )
        return await self.one(customer_id, item_id)


def _unpack(document: Document) -> InboxItem:
    return InboxItem(
        id=document["_id"],
        customer_id=document["customer_id"],
        notice=document["notice"],
        kind=document["kind"],
        at=document["at"],
        data=document["data"],
        read_at=document["read_at"],
    )
