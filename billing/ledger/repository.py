"""Postings in MongoDB: written once, never changed."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.ledger.model import Book, Entry, Posting, PostingKind
from gridhall.kit.keyset import Before, earlier
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction

IN_ORDER = Index("account_id", "-at", "-_id", name="in_order")
"""Serves `of_account`, `page`, `sums` and `money_before`: an account's postings as they happened."""


class LedgerRepository:
    """The ledger. The business key is the `_id`, so a second posting of it cannot exist."""

    collection_name = "postings"
    indexes: ClassVar[tuple[Index, ...]] = (IN_ORDER,)

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._postings = mongo[self.collection_name]

    async def append(self, postings: Sequence[Posting], *, transaction: Transaction) -> None:
        """Write postings. Raises the driver's BulkWriteError where a key is there already."""
        if postings:
            await self._postings.insert_many([_pack(p) for p in postings], session=transaction.session)

    async def of_account(self, account_id: AccountId, *, limit: int = 100) -> list[Posting]:
        """Return an account's newest postings."""
        cursor = self._postings.find({"account_id": account_id}).sort("at", -1).limit(limit)
        return [_unpack(document) async for document in cursor]

    async def page(self, account_id: AccountId, *, before: Before | None, limit: int) -> list[Posting]:
        """Return an account's postings, newest first, those before a place."""
        query = {"account_id": account_id} | earlier("at", before)
        cursor = self._postings.find(query).sort([("at", -1), ("_id", -1)]).limit(limit)
        return [_unpack(document) async for document in cursor]

    async def money_before(
        self, account_ids: Iterable[AccountId], *, before: Before | None, limit: int
    ) -> list[Posting]:
        """Return what was paid on accounts, in money or from what was paid ahead, newest first."""
        paid = [PostingKind.PAYMENT, PostingKind.TRANSFER]
        query = {"account_id": {"$in": list(account_ids)}, "kind": {"$in": paid}} | earlier("at", before)
        cursor = self._postings.find(query).sort([("at", -1), ("_id", -1)]).limit(limit)
        return [_unpack(document) async for document in cursor]

    async def sums(self, account_id: AccountId, *, before: Before | None = None) -> dict[Book, Fen]:
        """Return the sum of every book of an account, from its entries alone; of those before a place where named."""
        match = {"account_id": account_id} | earlier("at", before)
        return (await self._sums(match)).get(account_id, {})

    async def sums_of(
        self, account_ids: Iterable[AccountId], *, transaction: Transaction | None = None
    ) -> dict[AccountId, dict[Book, Fen]]:
        """Return the sums of every book of accounts, in one round trip; accounts without postings are left out."""
        return await self._sums({"account_id": {"$in": list(account_ids)}}, transaction=transaction)

    async def _sums(
        self, match: Document, *, transaction: Transaction | None = None
    ) -> dict[AccountId, dict[Book, Fen]]:
        found = await self._mongo.aggregate(
            self.collection_name,
            [
                {"$match": match},
                {"$unwind": "$entries"},
                {"$group": {"_id": {"of": "$account_id", "book": "$entries.book"}, "fen": {"$sum": "$entries.fen"}}},
            ],
            transaction=transaction,
        )
        sums: dict[AccountId, dict[Book, Fen]] = {}
        for row in found:
            sums.setdefault(row["_id"]["of"], {})[Book(row["_id"]["book"])] = Fen(row["fen"])
        return sums


def _pack(posting: Posting) -> Document:
    return {
        "_id": posting.key,
        "schema": 1,
        "kind": posting.kind,
        "account_id": posting.account_id,
        "region": posting.region,
        "at": posting.at,
        "entries": [{"book": entry.book, "fen": entry.amount} for entry in posting.entries],
    }


def _unpack(document: Document) -> Posting:
    return Posting(
        key=document["_id"],
        kind=PostingKind(document["kind"]),
        account_id=document["account_id"],
        region=document["region"],
        at=document["at"],
        entries=tuple(Entry(Book(entry["book"]), Fen(entry["fen"])) for entry in document["entries"]),
    )
