"""Contacts in MongoDB."""

from collections.abc import Iterable
from typing import Any, ClassVar

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.collecting.model import Contact, ContactWay, Outcome
from gridhall.kit.keyset import Before, earlier
from gridhall.kit.mongo import Document, Index, Mongo, Transaction

OF_ACCOUNT = Index("account_id", "-at", "-_id", name="of_account")
"""Serves `of_accounts`: the contacts of an account, newest first."""


class ContactRepository:
    """Contacts. Shard key: (account_id)."""

    collection_name = "arrears_contacts"
    indexes: ClassVar[tuple[Index, ...]] = (OF_ACCOUNT,)

    def __init__(self, mongo: Mongo) -> None:
        self._contacts = mongo[self.collection_name]

    async def add(self, contact: Contact, *, transaction: Transaction) -> None:
        """Write a contact."""
        await self._contacts.insert_one(_pack(contact), session=transaction.session)

    async def of_accounts(
        self, account_ids: Iterable[AccountId], *, before: Before | None = None, limit: int = 100
    ) -> list[Contact]:
        """Return the contacts of accounts, newest first."""
        query: Document = {"account_id": {"$in": list(account_ids)}} | earlier("at", before)
        cursor = self._contacts.find(query).sort([("at", -1), ("_id", -1)]).limit(limit)
        return [_unpack(found) async for found in cursor]


_FIELDS = tuple(name for name in Contact.__dataclass_fields__ if name not in {"id", "photos"})


def _pack(contact: Contact) -> Document:
    values: Document = {name: getattr(contact, name) for name in _FIELDS}
    return {"_id": contact.id, "schema": 1, "photos": list(contact.photos), **values}


def _unpack(document: Document) -> Contact:
    values: dict[str, Any] = {name: document[name] for name in _FIELDS}
    values |= {"way": ContactWay(values["way"]), "outcome": Outcome(values["outcome"])}
    return Contact(id=document["_id"], photos=tuple(document["photos"]), **values)
