"""Mandates, collection files, their items, and transfers in MongoDB."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, ClassVar

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bank.model import (
    CollectionFile,
    FileNumber,
    Item,
    ItemState,
    Mandate,
    MandateId,
    Transfer,
    TransferRow,
    TransferState,
)
from gridhall.kit.codec import FieldCodec
from gridhall.kit.keyset import beyond
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of

ONE_OPEN = Index("account_id", name="one_open", unique=True, only={"until": None})
"""Keeps an account from having two open mandates, and serves `open_of`."""

BY_BANK = Index("region", "bank", "_id", name="by_bank")
"""Serves `page`: the walk of a collection file."""

ITEMS_OF_FILE = Index("file", "_id", name="items_of_file")
"""Serves `of_file`: the rows of a file in order."""

ITEMS_OF_ACCOUNT = Index("account_id", "state", name="items_of_account")
"""Serves `history`: what was tried on accounts before."""

WAITING = Index("region", "state", "at", "_id", name="waiting")
"""Serves `waiting`: transferred money of nobody, the oldest first."""

BY_PAYER = Index("payer_token", "-at", name="by_payer")
"""Serves `known_payer`: to whom a payer's money went last."""


class MandateRepository:
    """Mandates. Shard key: _id. Card and holder are sealed."""

    collection_name = "bank_mandates"
    indexes: ClassVar[tuple[Index, ...]] = (ONE_OPEN, BY_BANK)

    def __init__(self, mongo: Mongo, codec: FieldCodec) -> None:
        self._mandates = mongo[self.collection_name]
        self._codec = codec

    async def add(self, mandate: Mandate) -> None:
        """Write a mandate; the same again changes nothing. Raises MandateOpenError where the account has another."""
        document = {
            "schema": 1,
            "account_id": mandate.account_id,
            "region": mandate.region,
            "bank": mandate.bank,
            "card": self._codec.seal(mandate.card, field="mandate.card"),
            "holder": self._codec.seal(mandate.holder, field="mandate.holder"),
            "from_day": mandate.from_day.isoformat(),
            "until": mandate.until.isoformat() if mandate.until else None,
            "signed_at": mandate.signed_at,
        }
        try:
            await self._mandates.update_one({"_id": mandate.id}, {"$setOnInsert": document}, upsert=True)
        except DuplicateKeyError as error:
            raise MandateOpenError from error

    async def open_of(self, account_id: AccountId) -> Mandate | None:
        """Return the open mandate of an account."""
        found = await self._mandates.find_one({"account_id": account_id, "until": None})
        return self._unpack(found) if found else None

    async def load(self, ids: Iterable[MandateId]) -> dict[MandateId, Mandate]:
        """Return mandates by id; unknown ones are left out."""
        cursor = self._mandates.find({"_id": {"$in": list(ids)}})
        return {document["_id"]: self._unpack(document) async for document in cursor}

    async def page(self, *, region: str, bank: str, after: MandateId | None, limit: int) -> list[Mandate]:
        """Return the mandates of a bank in a region in id order, ended ones too."""
        query: Document = {"region": region, "bank": bank}
        if after is not None:
            query["_id"] = {"$gt": after}
        cursor = self._mandates.find(query).sort("_id").limit(limit)
        return [self._unpack(document) async for document in cursor]

    async def banks(self, *, region: str) -> list[str]:
        """Return the codes of the banks that accounts of a region gave, or once gave, a mandate."""
        return sorted(await self._mandates.distinct("bank", {"region": region}))

    async def end(self, mandate_id: MandateId, *, on: date, transaction: Transaction | None = None) -> bool:
        """End an open mandate; False where it was ended before."""
        result = await self._mandates.update_one(
            {"_id": mandate_id, "until": None}, {"$set": {"until": on.isoformat()}}, session=session_of(transaction)
        )
        return result.modified_count == 1

    def _unpack(self, document: Document) -> Mandate:
        return Mandate(
            id=MandateId(document["_id"]),
            account_id=document["account_id"],
            region=document["region"],
            bank=document["bank"],
            card=self._codec.open(document["card"], field="mandate.card"),
            holder=self._codec.open(document["holder"], field="mandate.holder"),
            from_day=date.fromisoformat(document["from_day"]),
            signed_at=document["signed_at"],
            until=date.fromisoformat(document["until"]) if document["until"] else None,
        )


class CollectionRepository:
    """Collection files, one document each."""

    collection_name = "collection_files"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._files = mongo[self.collection_name]

    async def begin(self, file: CollectionFile) -> CollectionFile:
        """Write a file that is begun, or return the one of its number that is there."""
        document = asdict(file) | {"schema": 1, "day": file.day.isoformat()}
        del document["number"]
        await self._files.update_one({"_id": file.number}, {"$setOnInsert": document}, upsert=True)
        return await self.load(file.number) or file

    async def load(self, number: FileNumber) -> CollectionFile | None:
        """Return the file with a number."""
        found = await self._files.find_one({"_id": number})
        if found is None:
            return None
        values: dict[str, Any] = {name: found[name] for name in found if name not in {"_id", "schema"}}
        return CollectionFile(
            number=FileNumber(found["_id"]),
            **values | {"day": date.fromisoformat(found["day"]), "total": Fen(found["total"])},
        )

    async def complete(self, number: FileNumber, *, items: int, total: Fen) -> None:
        """Write the control totals of a file that has all its items."""
        changes = {"items": items, "total": total, "complete": True}
        await self._files.update_one({"_id": number, "complete": False}, {"$set": changes})


class ItemRepository:
    """Items of collection files. Shard key: _id."""

    collection_name = "collection_items"
    indexes: ClassVar[tuple[Index, ...]] = (ITEMS_OF_FILE, ITEMS_OF_ACCOUNT)

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._items = mongo[self.collection_name]

    async def add(self, items: Sequence[Item]) -> None:
        """Write items; those that are there are left as they are."""
        if items:
            writes = [UpdateOne({"_id": one.number}, {"$setOnInsert": _pack_item(one)}, upsert=True) for one in items]
            await self._items.bulk_write(writes, ordered=False)

    async def of_file(self, file: FileNumber, *, after: str | None, limit: int) -> list[Item]:
        """Return the items of a file in order, those after a number."""
        query: Document = {"file": file}
        if after is not None:
            query["_id"] = {"$gt": after}
        return [_unpack_item(document) async for document in self._items.find(query).sort("_id").limit(limit)]

    async def totals(self, file: FileNumber) -> tuple[int, Fen]:
        """Count the items of a file and sum them."""
        group = {"$group": {"_id": None, "items": {"$sum": 1}, "fen": {"$sum": "$amount"}}}
        found = await self._mongo.aggregate(self.collection_name, [{"$match": {"file": file}}, group])
        return (found[0]["items"], Fen(found[0]["fen"])) if found else (0, Fen(0))

    async def history(self, account_ids: Iterable[AccountId]) -> dict[AccountId, list[Item]]:
        """Return what is under way, and what failed, of accounts."""
        states = [ItemState.SENT, ItemState.FAILED]
        found: dict[AccountId, list[Item]] = {}
        async for one in self._items.find({"account_id": {"$in": list(account_ids)}, "state": {"$in": states}}):
            found.setdefault(one["account_id"], []).append(_unpack_item(one))
        return found

    async def load(self, numbers: Iterable[str], *, transaction: Transaction | None = None) -> dict[str, Item]:
        """Return items by number; unknown ones are left out."""
        cursor = self._items.find({"_id": {"$in": list(numbers)}}, session=session_of(transaction))
        return {document["_id"]: _unpack_item(document) async for document in cursor}

    async def put(self, item: Item, *, transaction: Transaction) -> None:
        """Write an item as it is now, in a transaction that has read it."""
        await self._items.update_one({"_id": item.number}, {"$set": _pack_item(item)}, session=transaction.session)


class TransferRepository:
    """Transferred money. The bank's serial is the `_id`, so that the same line counts once. The payer is sealed."""

    collection_name = "bank_transfers"
    indexes: ClassVar[tuple[Index, ...]] = (WAITING, BY_PAYER)

    def __init__(self, mongo: Mongo, codec: FieldCodec) -> None:
        self._transfers = mongo[self.collection_name]
        self._codec = codec

    async def known(self, serials: Iterable[str]) -> set[str]:
        """Return those serials that were taken before."""
        cursor = self._transfers.find({"_id": {"$in": list(serials)}}, {"_id": 1})
        return {document["_id"] async for document in cursor}

    async def many(self, serials: Iterable[str]) -> dict[str, Transfer]:
        """Return money by its serial; unknown ones are left out."""
        cursor = self._transfers.find({"_id": {"$in": list(serials)}})
        return {document["_id"]: self._unpack(document) async for document in cursor}

    async def add(self, transfer: Transfer, *, transaction: Transaction) -> None:
        """Write money that came. Raises TakenBeforeError where its serial is there."""
        row = transfer.row
        document = {
            "_id": row.serial,
            "schema": 1,
            "region": transfer.region,
            "state": transfer.state,
            "account_id": transfer.account_id,
            "by": transfer.by,
            "at": row.at,
            "amount": row.amount,
            "payer": self._codec.seal(row.payer, field="transfer.payer"),
            "payer_card": self._codec.seal(row.payer_card, field="transfer.card"),
            "payer_token": self._codec.token(row.payer_card, field="transfer.card"),
            "text": self._codec.seal(row.text, field="transfer.text"),
        }
        try:
            await self._transfers.insert_one(document, session=transaction.session)
        except DuplicateKeyError as error:
            raise TakenBeforeError from error

    async def load(self, serial: str, *, transaction: Transaction | None = None) -> Transfer | None:
        """Return the money with a serial."""
        found = await self._transfers.find_one({"_id": serial}, session=session_of(transaction))
        return self._unpack(found) if found else None

    async def assign(self, serial: str, *, account_id: AccountId | None, by: str, transaction: Transaction) -> None:
        """Note whose money it was found to be; None where it is the counter's own cash."""
        changes = {"state": TransferState.ASSIGNED, "account_id": account_id, "by": by}
        await self._transfers.update_one({"_id": serial}, {"$set": changes}, session=transaction.session)

    async def known_payer(self, card: str) -> AccountId | None:
        """Return the account to which the money of a payer's card went last, by a person's word or by its number."""
        token = self._codec.token(card, field="transfer.card")
        query = {"payer_token": token, "account_id": {"$ne": None}}
        found = await self._transfers.find_one(query, sort=[("at", -1)])
        return found["account_id"] if found else None

    async def waiting(self, *, region: str, after: tuple[datetime, str] | None, limit: int) -> list[Transfer]:
        """Return a region's money of nobody, the oldest first, that after a place."""
        query: Document = {"region": region, "state": TransferState.SUSPENSE}
        query |= beyond("at", after)
        cursor = self._transfers.find(query).sort([("at", 1), ("_id", 1)]).limit(limit)
        return [self._unpack(document) async for document in cursor]

    def _unpack(self, document: Document) -> Transfer:
        opened = {
            "payer": self._codec.open(document["payer"], field="transfer.payer"),
            "payer_card": self._codec.open(document["payer_card"], field="transfer.card"),
            "text": self._codec.open(document["text"], field="transfer.text"),
        }
        row = TransferRow(serial=document["_id"], at=document["at"], amount=Fen(document["amount"]), **opened)
        return Transfer(
            row, document["region"], TransferState(document["state"]), document["account_id"], document["by"]
        )


class MandateOpenError(Exception):
    """The account has another open mandate."""


class TakenBeforeError(Exception):
    """The line was taken before."""


def _pack_item(item: Item) -> Document:
    document = asdict(item)
    del document["number"]
    return {"schema": 1, **document}


def _unpack_item(document: Document) -> Item:
    values: dict[str, Any] = {name: document[name] for name in document if name not in {"_id", "schema"}}
    return Item(
        number=document["_id"], **values | {"amount": Fen(values["amount"]), "state": ItemState(values["state"])}
    )
