"""Link tickets in MongoDB."""

from datetime import datetime
from hashlib import sha256
from typing import ClassVar

from gridhall.kit.codec import FieldCodec
from gridhall.kit.mongo import Index, Mongo, Transaction

EXPIRE = Index("expires_at", name="expire", expire_seconds=0)


class TicketRepository:
    """Tickets, known by the hash of their text. Shard key: _id."""

    collection_name = "wechat_tickets"
    indexes: ClassVar[tuple[Index, ...]] = (EXPIRE,)

    def __init__(self, mongo: Mongo, codec: FieldCodec) -> None:
        self._tickets = mongo[self.collection_name]
        self._codec = codec

    async def add(self, ticket: str, *, openid: str, expires_at: datetime) -> None:
        """Write a ticket that stands for a WeChat user."""
        sealed = self._codec.seal(openid, field="ticket.openid")
        await self._tickets.insert_one({"_id": _hash(ticket), "schema": 1, "openid": sealed, "expires_at": expires_at})

    async def openid_of(self, ticket: str, *, now: datetime) -> str | None:
        """Return the WeChat user that a ticket stands for; None where it is none, was used or has ended."""
        found = await self._tickets.find_one({"_id": _hash(ticket), "expires_at": {"$gt": now}})
        return self._codec.open(found["openid"], field="ticket.openid") if found else None

    async def use(self, ticket: str, *, transaction: Transaction) -> bool:
        """Use a ticket up; False where another request was faster."""
        result = await self._tickets.delete_one({"_id": _hash(ticket)}, session=transaction.session)
        return result.deleted_count == 1


def _hash(ticket: str) -> bytes:
    return sha256(ticket.encode()).digest()
