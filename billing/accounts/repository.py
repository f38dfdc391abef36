"""Accounts in MongoDB."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import ClassVar
from uuid import UUID

from pymongo import UpdateOne

from gridhall.billing.accounts.model import Account, AccountId, Balance, PointLink, PrepaidStay, TariffLink, Term
from gridhall.kit.codec import FieldCodec
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of

BY_REGION = Index("region", "_id", name="by_region")
"""Serves `ids_of_region` and `count`: a walk over all accounts of a region."""

BY_READ_DAY = Index("region", "read_day", "_id", name="by_read_day")
"""Serves `by_read_day`, `border` and `ids_between`: a bill run, which follows the reading days."""

BY_UNIT = Index("region", "org_path", "_id", name="by_unit")
"""Serves the board and its page of accounts that no run has come to: the accounts of a unit, by path."""

BY_POINT = Index("points.point_id", name="by_point")
"""Serves `of_points` and `holders_of_points`: whose account a corrected reading belongs to."""

PREPAID = Index("region", "_id", name="prepaid", only={"pays_ahead": True})
"""Serves `prepaid_ids`: the walk of the accounts that pay ahead, or did until lately."""


class AccountRepository:
    """Accounts. Shard key: (_id). Numbers are unique through the lookup collection `account_numbers`."""

    collection_name = "accounts"
    indexes: ClassVar[tuple[Index, ...]] = (BY_REGION, BY_READ_DAY, BY_UNIT, BY_POINT, PREPAID)

    def __init__(self, mongo: Mongo, codec: FieldCodec) -> None:
        self._mongo = mongo
        self._accounts = mongo[self.collection_name]
        self._numbers = mongo["account_numbers"]
        self._codec = codec

    async def add(self, accounts: Sequence[Account]) -> None:
        """Write accounts of the system of record; one that is there keeps its money and its version goes up.

        Idempotent: the number decides which account it is. Raises AccountNumberTakenError where a number
        belongs to another id; then no account is written.
        """
        if not accounts:
            return
        await self._refuse_taken(accounts)
        # Of two deliveries that claim a number at once, the first to write it has it, and the other finds out here.
        await self._numbers.bulk_write(
            [UpdateOne({"_id": a.number}, {"$setOnInsert": {"account_id": a.id}}, upsert=True) for a in accounts],
            ordered=False,
        )
        await self._refuse_taken(accounts)
        await self._accounts.bulk_write(
            [
                UpdateOne(
                    {"_id": account.id},
                    {
                        "$set": self._contract(account),
                        "$setOnInsert": {
                            "owed": account.balance.owed,
                            "prepaid": account.balance.prepaid,
                            **_mode(account.prepaid_stays),
                        },
                        "$inc": {"version": 1},
                    },
                    upsert=True,
                )
                for account in accounts
            ],
            ordered=False,
        )

    async def load(
        self, ids: Iterable[AccountId], *, transaction: Transaction | None = None
    ) -> dict[AccountId, Account]:
        """Return accounts by id; unknown ids are left out."""
        cursor = self._accounts.find({"_id": {"$in": list(ids)}}, session=session_of(transaction))
        return {document["_id"]: self._unpack(document) async for document in cursor}

    async def by_numbers(self, numbers: Iterable[str]) -> dict[str, AccountId]:
        """Return the ids behind account numbers; unknown numbers are left out."""
        found = self._numbers.find({"_id": {"$in": list(numbers)}})
        return {document["_id"]: document["account_id"] async for document in found}

    async def versions(self, ids: Iterable[AccountId], *, transaction: Transaction) -> dict[AccountId, int]:
        """Return the versions of accounts as they are in a transaction; unknown ids are left out."""
        cursor = self._accounts.find({"_id": {"$in": list(ids)}}, {"version": 1}, session=transaction.session)
        return {document["_id"]: document["version"] async for document in cursor}

    async def by_number(self, number: str) -> AccountId | None:
        """Return the id behind an account number."""
        found = await self._numbers.find_one({"_id": number})
        return found["account_id"] if found else None

    async def ids_of_region(self, *, region: str, after: AccountId | None, limit: int) -> list[AccountId]:
        """Return account ids of a region in id order, `limit` at most."""
        query: Document = {"region": region}
        if after is not None:
            query["_id"] = {"$gt": after}
        cursor = self._accounts.find(query, {"_id": 1}).sort("_id").limit(limit)
        return [document["_id"] async for document in cursor]

    async def prepaid_ids(self, *, region: str, after: AccountId | None, limit: int) -> list[AccountId]:
        """Return ids of a region's accounts that pay ahead in id order, `limit` at most."""
        query: Document = {"region": region, "pays_ahead": True}
        if after is not None:
            query["_id"] = {"$gt": after}
        cursor = self._accounts.find(query, {"_id": 1}).sort("_id").limit(limit)
        return [document["_id"] async for document in cursor]

    async def set_prepaid_stays(
        self, account_id: AccountId, stays: Sequence[PrepaidStay], *, transaction: Transaction
    ) -> None:
        """Write when an account pays ahead, and raise its version."""
        await self._accounts.update_one(
            {"_id": account_id}, {"$set": _mode(stays), "$inc": {"version": 1}}, session=transaction.session
        )

    async def by_read_day(self, *, region: str) -> dict[int, int]:
        """Return how many accounts of a region are read on each day of the month, in the order of the days."""
        found = await self._mongo.aggregate(
            self.collection_name,
            [
                {"$match": {"region": region}},
                {"$group": {"_id": "$read_day", "accounts": {"$sum": 1}}},
                {"$sort": {"_id": 1}},
            ],
        )
        return {row["_id"]: row["accounts"] for row in found}

    async def border(
        self, *, region: str, read_day: int, after: AccountId | None, size: int
    ) -> tuple[AccountId, int] | None:
        """Return the last of the next `size` accounts of a reading day, and how many they are; None behind the last."""
        query: Document = {"region": region, "read_day": read_day}
        if after is not None:
            query["_id"] = {"$gt": after}
        full = self._accounts.find(query, {"_id": 1}).sort("_id").skip(size - 1).limit(1)
        if found := [document["_id"] async for document in full]:
            return found[0], size
        # Fewer than that are left.
        rest = self._accounts.find(query, {"_id": 1}).sort("_id").limit(size)
        ids = [document["_id"] async for document in rest]
        return (ids[-1], len(ids)) if ids else None

    async def ids_between(
        self, *, region: str, read_day: int, after: AccountId | None, last: AccountId, limit: int
    ) -> list[AccountId]:
        """Return account ids of a reading day behind `after` and up to `last`, in id order, `limit` at most."""
        between: Document = {"$lte": last} if after is None else {"$gt": after, "$lte": last}
        query = {"region": region, "read_day": read_day, "_id": between}
        cursor = self._accounts.find(query, {"_id": 1}).sort("_id").limit(limit)
        return [document["_id"] async for document in cursor]

    async def count(self, *, region: str) -> int:
        """Count the accounts of a region."""
        return await self._accounts.count_documents({"region": region})

    async def of_points(self, point_ids: Iterable[UUID]) -> dict[UUID, AccountId]:
        """Return the account of each service point."""
        wanted = set(point_ids)
        cursor = self._accounts.find({"points.point_id": {"$in": list(wanted)}}, {"points": 1})
        return {
            link["point_id"]: document["_id"]
            async for document in cursor
            for link in document["points"]
            if link["point_id"] in wanted
        }

    async def holders_of_points(self, point_ids: Iterable[UUID]) -> dict[UUID, set[AccountId]]:
        """Return every account that pays, or ever paid, for each of the service points."""
        wanted = set(point_ids)
        holders: dict[UUID, set[AccountId]] = {}
        async for document in self._accounts.find({"points.point_id": {"$in": list(wanted)}}, {"points": 1}):
            for link in document["points"]:
                if link["point_id"] in wanted:
                    holders.setdefault(link["point_id"], set()).add(document["_id"])
        return holders

    async def change_balances(self, changes: Mapping[AccountId, Balance], *, transaction: Transaction) -> None:
        """Add to what accounts owe and have prepaid, and raise their versions, in the ledger's transaction."""
        if changes:
            await self._accounts.bulk_write(
                [
                    UpdateOne(
                        {"_id": account_id},
                        {"$inc": {"owed": change.owed, "prepaid": change.prepaid, "version": 1}},
                    )
                    for account_id, change in changes.items()
                ],
                ordered=False,
                session=transaction.session,
            )

    async def _refuse_taken(self, accounts: Sequence[Account]) -> None:
        numbers = self._numbers.find({"_id": {"$in": [account.number for account in accounts]}})
        known = {found["_id"]: found["account_id"] async for found in numbers}
        for account in accounts:
            if known.get(account.number, account.id) != account.id:
                raise AccountNumberTakenError(account.number)

    def _contract(self, account: Account) -> Document:
        return {
            "schema": 1,
            "number": account.number,
            "region": account.region,
            "org_path": account.org_path,
            "address": self._codec.seal(account.address, field="account.address"),
            "kept_since": account.kept_since.isoformat(),
            "read_day": account.read_day,
            "points": [{"point_id": link.point_id, **_span(link)} for link in account.points],
            "tariffs": [{"code": link.code, **_span(link)} for link in account.tariffs],
            "terms": [{"kind": term.kind, **_span(term)} for term in account.terms],
            "carried_kwh": account.carried_kwh,
        }

    def _unpack(self, document: Document) -> Account:
        return Account(
            id=document["_id"],
            number=document["number"],
            region=document["region"],
            org_path=document["org_path"],
            address=self._codec.open(document["address"], field="account.address"),
            kept_since=date.fromisoformat(document["kept_since"]),
            read_day=document["read_day"],
            points=tuple(PointLink(link["point_id"], *_days(link)) for link in document["points"]),
            tariffs=tuple(TariffLink(link["code"], *_days(link)) for link in document["tariffs"]),
            # An account that was written before there were terms has none.
            terms=tuple(Term(term["kind"], *_days(term)) for term in document.get("terms", ())),
            carried_kwh=document["carried_kwh"],
            balance=Balance(owed=Fen(document["owed"]), prepaid=Fen(document["prepaid"])),
            version=document["version"],
            # An account that was written before there was a mode is post-paid.
            prepaid_stays=tuple(PrepaidStay(*_days(stay)) for stay in document.get("prepaid_stays", ())),
        )


def _mode(stays: Sequence[PrepaidStay]) -> Document:
    return {"prepaid_stays": [_span(stay) for stay in stays], "pays_ahead": any(stay.to_day is None for stay in stays)}


def _span(link: PointLink | PrepaidStay | TariffLink | Term) -> Document:
    return {"from": link.from_day.isoformat(), "to": link.to_day.isoformat() if link.to_day else None}


def _days(link: Document) -> tuple[date, date | None]:
    return date.fromisoformat(link["from"]), date.fromisoformat(link["to"]) if link["to"] else None


class AccountNumberTakenError(ValueError):
    """An account number already belongs to another account."""

    def __init__(self, number: str) -> None:
        super().__init__(f"number: {number} already belongs to another account; a number is given once")
