"""Refresh tokens in MongoDB: one document a sign-in, which knows the hash of the token that is good now."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, cast
from uuid import UUID

from gridhall.kit.mongo import Index, Mongo

EXPIRE = Index("expires_at", name="expire", expire_seconds=0)
BY_CUSTOMER = Index("customer_id", name="by_customer")
"""Serves `end_all` for a customer."""
BY_AGENT = Index("agent_id", name="by_agent")
"""Serves `end_all` for an agent."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in of a customer or agent on one device. `current`: hash of the only good refresh token."""

    id: UUID
    subject_id: UUID
    current: bytes
    expires_at: datetime


class SignInRepository:
    """Sign-ins of customers. Shard key: _id."""

    collection_name = "sign_ins"
    _whose: ClassVar = "customer_id"
    indexes: ClassVar[tuple[Index, ...]] = (EXPIRE, BY_CUSTOMER)

    def __init__(self, mongo: Mongo) -> None:
        self._sign_ins = mongo[self.collection_name]

    async def add(self, signed_in: SignedIn) -> None:
        """Write a new sign-in."""
        await self._sign_ins.insert_one(
            {
                "_id": signed_in.id,
                "schema": 1,
                self._whose: signed_in.subject_id,
                "current": signed_in.current,
                "expires_at": signed_in.expires_at,
            }
        )

    async def rotate(
        self, sign_in_id: UUID, *, old: bytes, new: bytes, now: datetime, expires_at: datetime
    ) -> UUID | None:
        """Put a new token in the place of the old; None where the old one is not good (any more)."""
        found = await self._sign_ins.find_one_and_update(
            {"_id": sign_in_id, "current": old, "expires_at": {"$gt": now}},
            {"$set": {"current": new, "expires_at": expires_at}},
        )
        return cast("UUID", found[self._whose]) if found else None

    async def end(self, sign_in_id: UUID) -> None:
        """End a sign-in: none of its refresh tokens is good any more. Idempotent."""
        await self._sign_ins.delete_one({"_id": sign_in_id})

    async def end_all(self, subject_id: UUID) -> None:
        """End every sign-in of one customer or agent."""
        await self._sign_ins.delete_many({self._whose: subject_id})


class DeskSignInRepository(SignInRepository):
    """Sign-ins of agents, in a collection of their own: no customer's refresh token is found there."""

    collection_name = "desk_sign_ins"
    _whose: ClassVar = "agent_id"
    indexes: ClassVar[tuple[Index, ...]] = (EXPIRE, BY_AGENT)
