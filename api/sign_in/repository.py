"""Refresh tokens in MongoDB: one document a sign-in, which knows the hash of the token that is good now."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from gridhall.crm.customers.model import CustomerId
from gridhall.kit.mongo import Index, Mongo

EXPIRE = Index("expires_at", name="expire", expire_seconds=0)
BY_CUSTOMER = Index("customer_id", name="by_customer")
"""Serves signing a customer out everywhere."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One sign-in on one device. `current` is the hash of the only refresh token that is good for it."""

    id: UUID
    customer_id: CustomerId
    current: bytes
    expires_at: datetime


class SignInRepository:
    """Sign-ins. Shard key: _id."""

    collection_name = "sign_ins"
    indexes: ClassVar[tuple[Index, ...]] = (EXPIRE, BY_CUSTOMER)

    def __init__(self, mongo: Mongo) -> None:
        self._sign_ins = mongo[self.collection_name]

    async def add(self, signed_in: SignedIn) -> None:
        """Write a new sign-in."""
        await self._sign_ins.insert_one(
            {
                "_id": signed_in.id,
                "schema": 1,
                "customer_id": signed_in.customer_id,
                "current": signed_in.current,
                "expires_at": signed_in.expires_at,
            }
        )

    async def rotate(
        self, sign_in_id: UUID, *, old: bytes, new: bytes, now: datetime, expires_at: datetime
    ) -> CustomerId | None:
        """Put a new token in the place of the old; None where the old one is not good (any more)."""
        found = await self._sign_ins.find_one_and_update(
            {"_id": sign_in_id, "current": old, "expires_at": {"$gt": now}},
            {"$set": {"current": new, "expires_at": expires_at}},
        )
        return CustomerId(found["customer_id"]) if found else None

    async def end(self, sign_in_id: UUID) -> None:
        """End a sign-in: none of its refresh tokens is good any more. Idempotent."""
        await self._sign_ins.delete_one({"_id": sign_in_id})
