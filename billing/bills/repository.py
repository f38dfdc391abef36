"""Bills in MongoDB."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.schemas import debts_owed
from gridhall.billing.bills.document import pack, unpack, unpack_billed
from gridhall.billing.bills.model import Bill, Billed, BillId, BillKind, BillStatus, CreditNoteId
from gridhall.billing.bills.schemas import second_bill
from gridhall.billing.schemas import BY_ACCOUNT
from gridhall.kit.keyset import Before, earlier
from gridhall.kit.localdays import Month
from gridhall.kit.migrations import SchemaStep
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, is_duplicate, session_of

ONE_A_MONTH = Index("account_id", "month", "sequence", name="one_a_month", unique=True)
"""Keeps a month from being billed twice, and serves `newest`, `since` and `billed`: an account's bills by month."""

HELD_BY_DUE_DAY = Index("region", "units", "hold.due_on", "_id", name="held_by_due_day", only={"status": "held"})
"""Serves `held`: the reviewers' queue of a region's units, what is due first (so what is overdue) on top."""

HeldPosition = tuple[date | None, BillId]
"""A place in the queue: the day on which a bill is due, None of one that was held before there were such days."""

NEWEST_ISSUED = Index("account_id", "-issued_at", "-_id", name="newest_issued", only={"issued_at": {"$type": "date"}})
"""Serves `issued_before`: what was issued to an account, by when it happened."""

PROVISIONAL = Index("account_id", "month", name="provisional", only={"kind": "provisional"})
"""Serves `provisional`: what the next real read settles."""

_FOLLOWED = (
    *("account_id", "number", "region", "org_path", "month", "from", "to", "sequence", "tariff", "used_before", "kwh"),
    *("uncounted_kwh", "total", "status", "made_at", "issued_at", "due_on", "prepaid", "paid", "kind", "origin"),
)
"""What the next bill has to know of one."""

_NOT_SHOWN = [status for status in BillStatus if not status.shown]
_NOT_COUNTING = [status for status in BillStatus if not status.counts]

BY_STAGE = Index(
    *("region", "month", "status", "org_path", "_id", "account_id", "due_on", "total", "paid", "issued_at"),
    name="by_stage",
)
"""Serves `count`, `collected`, and the board with its pages: a region's month, counted without a look at any bill."""


class BillRepository:
    """Bills. Shard key: (account_id)."""

    collection_name = "bills"
    indexes: ClassVar[tuple[Index, ...]] = (ONE_A_MONTH, HELD_BY_DUE_DAY, NEWEST_ISSUED, PROVISIONAL, BY_STAGE)
    migrations: ClassVar[tuple[SchemaStep, ...]] = (
        SchemaStep("bills", of=1, change=second_bill, beside={**BY_ACCOUNT, "reminders": "_id"}, adds=debts_owed),
    )

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._bills = mongo[self.collection_name]

    async def add(self, bills: Sequence[Bill], *, transaction: Transaction) -> None:
        """Write new bills. Raises MonthBilledError where one of the months is billed already."""
        if not bills:
            return
        try:
            await self._bills.insert_many([pack(bill) for bill in bills], session=transaction.session)
        except BulkWriteError as error:
            if is_duplicate(error):
                raise MonthBilledError from error
            raise

    async def load(self, ids: Iterable[BillId], *, transaction: Transaction | None = None) -> dict[BillId, Bill]:
        """Return bills by id; unknown ids are left out."""
        cursor = self._bills.find({"_id": {"$in": list(ids)}}, session=session_of(transaction))
        return {document["_id"]: unpack(document) async for document in cursor}

    async def newest(
        self, account_ids: Iterable[AccountId], *, before: Month | None, limit: int
    ) -> dict[AccountId, list[Bill]]:
        """Return each account's newest bills that its customers see, newest month first, those before a month."""
        match: Document = {"account_id": {"$in": list(account_ids)}, "status": {"$nin": _NOT_SHOWN}}
        if before is not None:
            match["month"] = {"$lt": str(before)}
        newest = {"n": limit, "sortBy": {"month": -1, "sequence": -1}, "output": "$$ROOT"}
        found = await self._mongo.aggregate(
            self.collection_name,
            [{"$match": match}, {"$group": {"_id": "$account_id", "bills": {"$topN": newest}}}],
        )
        return {row["_id"]: [unpack(document) for document in row["bills"]] for row in found}

    async def all_of(self, account_id: AccountId, *, before: tuple[Month, int] | None, limit: int) -> list[Bill]:
        """Return an account's bills whatever their status, newest first, those before a month and sequence."""
        query: Document = {"account_id": account_id}
        if before is not None:
            month, sequence = before
            query["$or"] = [
                {"month": {"$lt": str(month)}},
                {"month": str(month), "sequence": {"$lt": sequence}},
            ]
        cursor = self._bills.find(query).sort([("month", -1), ("sequence", -1)]).limit(limit)
        return [unpack(document) async for document in cursor]

    async def issued_before(self, account_ids: Iterable[AccountId], *, before: Before | None, limit: int) -> list[Bill]:
        """Return the bills that were issued to accounts, the newest issue first."""
        query: Document = {"account_id": {"$in": list(account_ids)}, "issued_at": {"$type": "date"}}
        query |= earlier("issued_at", before)
        cursor = self._bills.find(query).sort([("issued_at", -1), ("_id", -1)]).limit(limit)
        return [unpack(document) async for document in cursor]

    async def since(self, account_ids: Iterable[AccountId], *, month: Month) -> dict[AccountId, list[Bill]]:
        """Return each account's bills of a month and later, in order, whatever their status: void ones too."""
        wanted = list(account_ids)
        query = {"account_id": {"$in": wanted}, "month": {"$gte": str(month)}}
        found: dict[AccountId, list[Bill]] = {account_id: [] for account_id in wanted}
        async for document in self._bills.find(query).sort([("account_id", 1), ("month", 1), ("sequence", 1)]):
            found[document["account_id"]].append(unpack(document))
        return found

    async def before(
        self, account_ids: Iterable[AccountId], *, since: Month, month: Month
    ) -> dict[AccountId, list[Bill]]:
        """Return what the bill of a month follows: as `since`, but of each bill only what the next one stands on.

        That is its days, energy and status; and its registers, of this month and the one before. No lines, no reads,
        no findings: a bill run reads a year of bills for each that it makes.
        """
        wanted = list(account_ids)
        query = {"account_id": {"$in": wanted}, "month": {"$gte": str(since)}}
        recent = {"$cond": [{"$gte": ["$month", str(month.shift(-1))]}, "$registers", []]}
        fields = {**dict.fromkeys(_FOLLOWED, 1), "registers": recent}
        found: dict[AccountId, list[Bill]] = {account_id: [] for account_id in wanted}
        order = [("account_id", 1), ("month", 1), ("sequence", 1)]
        async for document in self._bills.find(query, fields).sort(order):
            found[document["account_id"]].append(unpack({"lines": (), "findings": (), **document}))
        return found

    async def billed(self, account_ids: Iterable[AccountId], *, month: Month) -> dict[AccountId, list[Billed]]:
        """Return what was billed for a month and later: held bills too, and rejected or cancelled ones not."""
        wanted = list(account_ids)
        query = {"account_id": {"$in": wanted}, "month": {"$gte": str(month)}, "status": {"$nin": _NOT_COUNTING}}
        found: dict[AccountId, list[Billed]] = {account_id: [] for account_id in wanted}
        async for document in self._bills.find(
            query, {"_id": 0, "account_id": 1, "from": 1, "to": 1, "kwh": 1, "uncounted_kwh": 1}
        ):
            found[document["account_id"]].append(unpack_billed(document))
        return found

    async def provisional(self, account_ids: Iterable[AccountId]) -> dict[AccountId, BillId]:
        """Return the oldest provisional bill of each account that has one which is not settled."""
        query = {
            "account_id": {"$in": list(account_ids)},
            "kind": BillKind.PROVISIONAL,
            "status": {"$nin": _NOT_COUNTING},
        }
        found: dict[AccountId, BillId] = {}
        async for document in self._bills.find(query, {"account_id": 1}).sort("month", -1):
            found[document["account_id"]] = document["_id"]
        return found

    async def payable(self, account_id: AccountId, *, transaction: Transaction | None = None) -> list[Bill]:
        """Return the bills of an account for which money is still asked, oldest first."""
        query = {"account_id": account_id, "status": {"$in": [BillStatus.ISSUED, BillStatus.PART_PAID]}}
        cursor = self._bills.find(query, session=session_of(transaction)).sort([("month", 1), ("sequence", 1)])
        return [unpack(document) async for document in cursor]

    async def with_money(self, account_id: AccountId, *, transaction: Transaction, limit: int = 100) -> list[Bill]:
        """Return the bills of an account that were paid, wholly or in part, newest first."""
        query = {"account_id": account_id, "status": {"$in": [BillStatus.PART_PAID, BillStatus.PAID]}}
        cursor = self._bills.find(query, session=transaction.session).sort([("month", -1), ("sequence", -1)])
        return [unpack(document) async for document in cursor.limit(limit)]

    async def held(
        self,
        *,
        region: str | None,
        units: Collection[str] = ("",),
        after: HeldPosition | None,
        limit: int,
        owner: str | None = None,
    ) -> list[Bill]:
        """Return held bills, what is due first on top, of one region or of all, of some units and those below.

        owner: only those of one person.
        """
        # Any region is still a range of the index: without it, every bill ever made would be looked at.
        query: Document = {"status": BillStatus.HELD, "region": region or {"$gt": ""}, "units": {"$in": list(units)}}
        if "" in units:  # a bill that was held before units were kept is found by whoever sees all of its region
            query["units"] = {"$in": [*units, None]}
        if owner is not None:
            query["hold.owner"] = owner
        if after is not None:
            day, last = after
            due = day.isoformat() if day else None
            later = {"hold.due_on": {"$gt": due}} if due else {"hold.due_on": {"$type": "string"}}
            query["$or"] = [later, {"hold.due_on": due, "_id": {"$gt": last}}]
        found = self._bills.find(query).sort([("hold.due_on", 1), ("_id", 1)]).limit(limit)
        return [unpack(document) async for document in found]

    async def set_paid(self, paid: Mapping[BillId, tuple[int, BillStatus]], *, transaction: Transaction) -> None:
        """Note how much of each bill is paid by now, and its status."""
        if paid:
            await self._bills.bulk_write(
                [
                    UpdateOne({"_id": bill_id}, {"$set": {"paid": fen, "status": status}})
                    for bill_id, (fen, status) in paid.items()
                ],
                session=transaction.session,
            )

    async def replace_held(self, bill: Bill, *, transaction: Transaction) -> None:
        """Write a held bill as it was decided, issued or rejected, or with a step more of its hold."""
        await self._bills.replace_one(
            {"_id": bill.id, "status": BillStatus.HELD}, pack(bill), session=transaction.session
        )

    async def cancel(
        self, bill_id: BillId, *, credit_note: CreditNoteId, found: BillStatus, transaction: Transaction
    ) -> bool:
        """Mark an issued bill as cancelled; False where it is not as it was `found`."""
        changes = {"status": BillStatus.CANCELLED, "cancelled_by": credit_note}
        query = {"_id": bill_id, "status": found}
        done = await self._bills.update_one(query, {"$set": changes}, session=transaction.session)
        return done.modified_count == 1

    async def collected(self, *, region: str, unit: str, month: Month) -> tuple[Fen, Fen]:
        """Return what was billed for a month in a unit of a region ('' for all of it), and what of it is paid."""
        standing = [status for status in BillStatus if status.shown and status.counts]
        match: Document = {"region": region, "month": str(month), "status": {"$in": standing}}
        if unit:
            match["org_path"] = {"$regex": f"^{re.escape(unit)}(/|$)"}
        found = await self._mongo.aggregate(
            self.collection_name,
            [
                {"$match": match},
                {"$group": {"_id": None, "billed": {"$sum": "$total"}, "paid": {"$sum": "$paid"}}},
            ],
        )
        return (Fen(found[0]["billed"]), Fen(found[0]["paid"])) if found else (Fen(0), Fen(0))

    async def count(self, *, region: str, month: Month) -> "RunCount":
        """Count the bills of a region's month, and sum what was issued."""
        found = await self._mongo.aggregate(
            self.collection_name,
            [
                {"$match": {"region": region, "month": str(month)}},
                {"$group": {"_id": "$status", "bills": {"$sum": 1}, "fen": {"$sum": "$total"}}},
            ],
        )
        held = sum(row["bills"] for row in found if row["_id"] == BillStatus.HELD)
        issued = [row for row in found if (status := BillStatus(row["_id"])).shown and status.counts]
        return RunCount(
            issued=sum(row["bills"] for row in issued), held=held, issued_fen=sum(row["fen"] for row in issued)
        )


@dataclass(frozen=True, slots=True)
class RunCount:
    """What there is of a region's month: bills issued (cancelled ones not), their sum in fen, and bills held."""

    issued: int
    held: int
    issued_fen: int


class MonthBilledError(Exception):
    """Another worker billed one of these months meanwhile; nothing of this chunk was written."""
