"""Credit notes in MongoDB: written once, never changed."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import BillId, CreditNoteId
from gridhall.billing.credits.model import Cause, CreditNote
from gridhall.kit.keyset import Before, earlier
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction

SCHEMA: Final = 1

NEWEST_OF_ACCOUNT = Index("account_id", "-issued_at", "-_id", name="newest_of_account")
"""Serves `of_account`: what was taken back on an account, newest first."""


class CreditNoteRepository:
    """Credit notes. The id follows from the bill, so that a bill is taken back once. Shard key: _id."""

    collection_name = "credit_notes"
    indexes: ClassVar[tuple[Index, ...]] = (NEWEST_OF_ACCOUNT,)

    def __init__(self, mongo: Mongo) -> None:
        self._notes = mongo[self.collection_name]

    async def add(self, notes: Sequence[CreditNote], *, transaction: Transaction) -> None:
        """Write credit notes. Raises the driver's BulkWriteError where a bill has one already."""
        if notes:
            await self._notes.insert_many([_pack(one) for one in notes], session=transaction.session)

    async def load(self, ids: Iterable[CreditNoteId]) -> dict[CreditNoteId, CreditNote]:
        """Return credit notes by id; unknown ids are left out."""
        found = self._notes.find({"_id": {"$in": list(ids)}})
        return {document["_id"]: _unpack(document) async for document in found}

    async def of_account(self, account_id: AccountId, *, before: Before | None, limit: int) -> list[CreditNote]:
        """Return a page of an account's credit notes, newest first."""
        query: Document = {"account_id": account_id, **earlier("issued_at", before)}
        found = self._notes.find(query).sort([("issued_at", -1), ("_id", -1)]).limit(limit)
        return [_unpack(document) async for document in found]


def _pack(note: CreditNote) -> Document:
    return {
        "_id": note.id,
        "schema": SCHEMA,
        "number": note.number,
        "cause": note.cause,
        "reason": note.reason,
        "bill_id": note.bill_id,
        "bill_number": note.bill_number,
        "replaced_by": note.replaced_by,
        "account_id": note.account_id,
        "region": note.region,
        "org_path": note.org_path,
        "month": str(note.month),
        "amount": note.amount,
        "to_prepaid": note.to_prepaid,
        "prepared_by": note.prepared_by,
        "approved_by": note.approved_by,
        "issued_at": note.issued_at,
    }


def _unpack(document: Document) -> CreditNote:
    return CreditNote(
        id=document["_id"],
        number=document["number"],
        cause=Cause(document["cause"]),
        reason=document["reason"],
        bill_id=BillId(document["bill_id"]),
        bill_number=document["bill_number"],
        replaced_by=document["replaced_by"],
        account_id=document["account_id"],
        region=document["region"],
        org_path=document["org_path"],
        month=Month.parse(document["month"]),
        amount=Fen(document["amount"]),
        to_prepaid=Fen(document["to_prepaid"]),
        prepared_by=document["prepared_by"],
        approved_by=document["approved_by"],
        issued_at=document["issued_at"],
    )
