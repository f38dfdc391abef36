"""Notes in MongoDB."""

from typing import ClassVar

from pymongo.errors import DuplicateKeyError

from gridhall.crm.customers.model import CustomerId
from gridhall.crm.notes.model import Note
from gridhall.kit.codec import FieldCodec
from gridhall.kit.keyset import Before, earlier
from gridhall.kit.mongo import Document, Index, Mongo

NEWEST_FIRST = Index("customer_id", "-at", "-_id", name="newest_first")
"""Serves `of_customer`."""

ONE_AN_ASK = Index("customer_id", "asked_by", name="one_an_ask", unique=True)
"""Keeps a repeated request from writing a second note."""


class NoteRepository:
    """Notes. Shard key: (customer_id)."""

    collection_name = "notes"
    indexes: ClassVar[tuple[Index, ...]] = (NEWEST_FIRST, ONE_AN_ASK)

    def __init__(self, mongo: Mongo, codec: FieldCodec) -> None:
        self._notes = mongo[self.collection_name]
        self._codec = codec

    async def add(self, note: Note) -> Note:
        """Write a note, or return the one that the same request wrote before."""
        try:
            await self._notes.insert_one(
                {
                    "_id": note.id,
                    "schema": 1,
                    "customer_id": note.customer_id,
                    "agent_id": note.agent_id,
                    "agent": note.agent,
                    "text": self._codec.seal(note.text, field="note.text"),
                    "at": note.at,
                    "asked_by": note.asked_by,
                }
            )
        except DuplicateKeyError:
            found = await self._notes.find_one({"customer_id": note.customer_id, "asked_by": note.asked_by})
            if found is None:
                raise
            return self._unpack(found)
        return note

    async def of_customer(self, customer_id: CustomerId, *, before: Before | None, limit: int) -> list[Note]:
        """Return the notes on a customer, newest first."""
        query = {"customer_id": customer_id} | earlier("at", before)
        cursor = self._notes.find(query).sort([("at", -1), ("_id", -1)]).limit(limit)
        return [self._unpack(document) async for document in cursor]

    def _unpack(self, document: Document) -> Note:
        return Note(
            id=document["_id"],
            customer_id=document["customer_id"],
            agent_id=document["agent_id"],
            agent=document["agent"],
            text=self._codec.open(document["text"], field="note.text"),
            at=document["at"],
            asked_by=document["asked_by"],
        )
