"""Consent credits in MongoDB: one document a customer and template, so that every change is one atomic write."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from pymongo.errors import DuplicateKeyError

from gridhall.crm.customers.model import CustomerId
from gridhall.kit.mongo import Index, Mongo, Transaction, session_of

KEPT_ENTRIES: Final = 200
"""How many reports and deliveries a document remembers; an older one that is repeated would count again."""


class ConsentRepository:
    """Credits. Shard key: _id (customer and template)."""

    collection_name = "wechat_consents"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._consents = mongo[self.collection_name]

    async def credit(self, customer_id: CustomerId, template: str, *, key: str, now: datetime) -> bool:
        """Add a credit; False where the report of that key was counted already."""
        try:
            await self._consents.update_one(
                {"_id": _id(customer_id, template), "reported": {"$ne": key}},
                {
                    "$inc": {"credits": 1},
                    "$push": {"reported": {"$each": [key], "$slice": -KEPT_ENTRIES}},
                    "$set": {"changed_at": now},
                    "$setOnInsert": {"schema": 1},
                },
                upsert=True,
            )
        except DuplicateKeyError:
            # The document is there and was not matched: it knows the key. Or another report made it just now.
            return await self._credit_again(customer_id, template, key=key, now=now)
        return True

    async def take(self, customer_id: CustomerId, template: str, *, delivery_id: UUID, now: datetime) -> bool:
        """Take a credit for a delivery; True also where that delivery holds one already, False where none is left."""
        identity = _id(customer_id, template)
        result = await self._consents.update_one(
            {"_id": identity, "credits": {"$gt": 0}, "taken": {"$ne": delivery_id}},
            {
                "$inc": {"credits": -1},
                "$push": {"taken": {"$each": [delivery_id], "$slice": -KEPT_ENTRIES}},
                "$set": {"changed_at": now},
            },
        )
        if result.modified_count == 1:
            return True
        return await self._consents.find_one({"_id": identity, "taken": delivery_id}, {"_id": 1}) is not None

    async def give_back(self, customer_id: CustomerId, template: str, *, delivery_id: UUID, now: datetime) -> bool:
        """Put back the credit that a delivery holds; False where it holds none."""
        result = await self._consents.update_one(
            {"_id": _id(customer_id, template), "taken": delivery_id},
            {"$inc": {"credits": 1}, "$pull": {"taken": delivery_id}, "$set": {"changed_at": now}},
        )
        return result.modified_count == 1

    async def empty(self, customer_id: CustomerId, template: str, *, now: datetime) -> None:
        """Leave no credit, and none that could be given back."""
        await self._consents.update_one(
            {"_id": _id(customer_id, template)}, {"$set": {"credits": 0, "taken": [], "changed_at": now}}
        )

    async def credits(self, customer_id: CustomerId, templates: Iterable[str]) -> dict[str, int]:
        """Return the credits of each template that the customer ever allowed."""
        names = {_id(customer_id, template): template for template in templates}
        cursor = self._consents.find({"_id": {"$in": list(names)}}, {"credits": 1})
        return {names[document["_id"]]: int(document["credits"]) async for document in cursor}

    async def forget(
        self, customer_id: CustomerId, templates: Iterable[str], *, transaction: Transaction | None = None
    ) -> None:
        """Forget what a customer allowed: it was allowed to another WeChat user than is linked now."""
        await self._consents.delete_many(
            {"_id": {"$in": [_id(customer_id, template) for template in templates]}}, session=session_of(transaction)
        )

    async def _credit_again(self, customer_id: CustomerId, template: str, *, key: str, now: datetime) -> bool:
        result = await self._consents.update_one(
            {"_id": _id(customer_id, template), "reported": {"$ne": key}},
            {
                "$inc": {"credits": 1},
                "$push": {"reported": {"$each": [key], "$slice": -KEPT_ENTRIES}},
                "$set": {"changed_at": now},
            },
        )
        return result.modified_count == 1


def _id(customer_id: CustomerId, template: str) -> str:
    return f"{customer_id}:{template}"
