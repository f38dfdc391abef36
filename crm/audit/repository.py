"""The audit trail in MongoDB: entries are added and read; nothing here changes or removes one."""

from typing import ClassVar

from gridhall.crm.audit.model import Action, AuditEntry
from gridhall.crm.customers.model import CustomerId
from gridhall.kit.codec import FieldCodec
from gridhall.kit.keyset import Before, earlier
from gridhall.kit.mongo import Document, Index, Mongo

OF_CUSTOMER = Index("customer_id", "action", "-at", "-_id", name="of_customer")
"""Serves `of_customer`: who saw what of a customer."""

OF_AGENT = Index("agent_id", "-at", name="of_agent")
"""Serves the auditor's question: what did this agent do?"""


class AuditRepository:
    """The audit trail. Shard key: _id, hashed."""

    collection_name = "audit"
    indexes: ClassVar[tuple[Index, ...]] = (OF_CUSTOMER, OF_AGENT)

    def __init__(self, mongo: Mongo, codec: FieldCodec) -> None:
        self._entries = mongo[self.collection_name]
        self._codec = codec

    async def add(self, entry: AuditEntry) -> None:
        """Write an entry; it is on the disks of a majority when this returns."""
        await self._entries.insert_one(
            {
                "_id": entry.id,
                "schema": 1,
                "at": entry.at,
                "action": entry.action,
                "agent_id": entry.agent_id,
                "agent": entry.agent,
                "customer_id": entry.customer_id,
                "fields": list(entry.fields),
                "reason": self._codec.seal(entry.reason, field="audit.reason"),
            }
        )

    async def of_customer(
        self, customer_id: CustomerId, *, action: Action, before: Before | None, limit: int
    ) -> list[AuditEntry]:
        """Return what of one kind was done about a customer, newest first."""
        query = {"customer_id": customer_id, "action": action} | earlier("at", before)
        cursor = self._entries.find(query).sort([("at", -1), ("_id", -1)]).limit(limit)
        return [self._unpack(document) async for document in cursor]

    def _unpack(self, document: Document) -> AuditEntry:
        return AuditEntry(
            id=document["_id"],
            at=document["at"],
            action=Action(document["action"]),
            agent_id=document["agent_id"],
            agent=document["agent"],
            customer_id=document["customer_id"],
            fields=tuple(document["fields"]),
            reason=self._codec.open(document["reason"], field="audit.reason"),
        )
