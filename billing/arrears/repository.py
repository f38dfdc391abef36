"""Debts in MongoDB: one an unpaid bill, gone when it is paid.

One that had a penalty is kept aside as settled, for the bill may be cancelled, or the money turn out not to have come.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from pymongo import DeleteOne, InsertOne, ReplaceOne

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.model import Debt
from gridhall.billing.arrears.penalty import Charge, Penalty
from gridhall.billing.arrears.policies import Stage, SupplyClass
from gridhall.billing.bills.model import BillId
from gridhall.kit.keyset import beyond
from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of
from gridhall.kit.units import units_above

NEXT_BY_REGION = Index("region", "next_on", "_id", name="next_by_region", only={"next_on": {"$type": "string"}})
"""Serves `due`: the daily scan, by region so that it targets one shard."""

BY_ACCOUNT = Index("account_id", name="by_account")
"""Serves `of_accounts` and `ever_of`: everything that an account owes, or owed with a penalty."""

CHARGED = Index("region", "charged_until", "_id", name="charged", only={"charged_until": {"$type": "string"}})
"""Serves `charged_accounts`: whose penalties have days since one."""

BY_AGE = Index("region", "units", "due_on", "class", "owed", name="by_age")
"""Serves `aging`: what is overdue in a unit, and nothing else."""


@dataclass(frozen=True, slots=True)
class Aged:
    """What is overdue in one age group (0 the youngest) of a class: the sum and how many bills."""

    age: int
    supply_class: SupplyClass
    fen: Fen
    bills: int


class DebtRepository:
    """Debts. Shard key: (region, _id); `_id` is the bill."""

    collection_name = "debts"
    indexes: ClassVar[tuple[Index, ...]] = (NEXT_BY_REGION, BY_ACCOUNT, CHARGED, BY_AGE)

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._debts = mongo[self.collection_name]

    async def add(self, debts: Sequence[Debt], *, transaction: Transaction) -> None:
        """Write the debts of bills as they are issued."""
        if debts:
            await self._debts.bulk_write([InsertOne(pack(one)) for one in debts], session=transaction.session)

    async def due(self, *, region: str, on: date, limit: int) -> list[Debt]:
        """Return the debts of a region whose next step has come, the longest waiting first."""
        query = {"region": region, "next_on": {"$lte": on.isoformat(), "$type": "string"}}
        cursor = self._debts.find(query).sort([("next_on", 1), ("_id", 1)]).limit(limit)
        return [_unpack(found) async for found in cursor]

    async def due_accounts(
        self, *, region: str, on: date, after: tuple[str, BillId] | None, limit: int
    ) -> tuple[list[AccountId], tuple[str, BillId] | None]:
        """Return accounts of a region that have a step to take, and where to go on; None behind the last."""
        query: Document = {"region": region, "next_on": {"$lte": on.isoformat(), "$type": "string"}}
        return await self._accounts(query, "next_on", after, limit)

    async def charged_accounts(
        self, *, region: str, days: Days, after: tuple[str, BillId] | None, limit: int
    ) -> tuple[list[AccountId], tuple[str, BillId] | None]:
        """Return accounts of a region whose penalties may have some of the days, and where to go on; None at the end.

        All that owe a penalty of one of the days are among them, and those that paid one.
        """
        since: Document = {"$gt": days.start.isoformat(), "$type": "string"}
        query: Document = {"region": region, "charged_until": since, "due_on": {"$lt": days.end.isoformat()}}
        return await self._accounts(query, "charged_until", after, limit)

    async def _accounts(
        self, query: Document, field: str, after: tuple[str, BillId] | None, limit: int
    ) -> tuple[list[AccountId], tuple[str, BillId] | None]:
        query |= beyond(field, after)
        cursor = self._debts.find(query, {"account_id": 1, field: 1}).sort([(field, 1), ("_id", 1)])
        found = [one async for one in cursor.limit(limit)]
        place = (found[-1][field], found[-1]["_id"]) if len(found) == limit else None
        return list(dict.fromkeys(one["account_id"] for one in found)), place

    async def aging(self, *, region: str, unit: str, today: date, borders: Sequence[int]) -> list[Aged]:
        """Return what is overdue in a unit of a region and those below it, by age; the borders are days overdue."""
        bounds = [today - timedelta(days=days) for days in borders]
        ages: Document = {
            "$switch": {
                "branches": [
                    {"case": {"$gte": ["$due_on", bound.isoformat()]}, "then": number}
                    for number, bound in enumerate(bounds)
                ],
                "default": len(bounds),
            }
        }
        late = {"region": region, "units": unit, "due_on": {"$lt": today.isoformat()}, "owed": {"$gt": 0}}
        found = await self._mongo.aggregate(
            self.collection_name,
            [
                {"$match": late},
                {"$group": {"_id": {"age": ages, "class": "$class"}, "fen": {"$sum": "$owed"}, "bills": {"$sum": 1}}},
            ],
        )
        return [
            Aged(row["_id"]["age"], SupplyClass(row["_id"]["class"]), Fen(row["fen"]), row["bills"]) for row in found
        ]

    async def of_accounts(
        self, account_ids: Iterable[AccountId], *, transaction: Transaction | None = None
    ) -> list[Debt]:
        """Return every debt of some accounts of which something is owed, the oldest due first."""
        query = {"account_id": {"$in": list(account_ids)}, "settled": {"$ne": True}}
        return await self._found(query, transaction)

    async def ever_of(self, account_id: AccountId, *, transaction: Transaction | None = None) -> list[Debt]:
        """Return every debt of an account, the settled too that had a penalty, the oldest due first."""
        return await self._found({"account_id": account_id}, transaction)

    async def _found(self, query: Document, transaction: Transaction | None) -> list[Debt]:
        found = [_unpack(one) async for one in self._debts.find(query, session=session_of(transaction))]
        return sorted(found, key=lambda one: (one.due_on, one.bill_id))

    async def put(self, debts: Sequence[Debt], *, gone: Sequence[BillId] = (), transaction: Transaction) -> None:
        """Write debts as they are now. Those that are settled without a penalty are dropped, and those named gone."""
        over = [one.bill_id for one in debts if one.settled and not one.penalty.posted]
        kept = [one for one in debts if one.bill_id not in over]
        writes: list[ReplaceOne[Document] | DeleteOne] = [ReplaceOne({"_id": one.bill_id}, pack(one)) for one in kept]
        writes += [DeleteOne({"_id": bill_id}) for bill_id in (*over, *gone)]
        if writes:
            await self._debts.bulk_write(writes, ordered=False, session=transaction.session)


def pack(debt: Debt) -> Document:
    """Return the document of a debt."""
    charges = debt.penalty.charges
    return {
        "_id": debt.bill_id,
        "schema": 1,
        "account_id": debt.account_id,
        "region": debt.region,
        "org_path": debt.org_path,
        "units": units_above(debt.org_path),
        "class": debt.supply_class,
        "due_on": debt.due_on.isoformat(),
        "owed": debt.owed,
        "ladder_from": debt.ladder_from.isoformat(),
        "next_on": debt.next_on.isoformat() if debt.next_on else None,
        "reached": debt.reached,
        "firm": debt.firm,
        "settled": debt.settled,
        "charged_until": charges[-1].days.end.isoformat() if charges else None,
        "penalty": {
            "until": debt.penalty.until.isoformat(),
            "charges": [
                {
                    "from": one.days.start.isoformat(),
                    "to": one.days.end.isoformat(),
                    "owed": one.owed,
                    "rate": one.rate,
                }
                for one in charges
            ],
            "posted": debt.penalty.posted,
            "paid": debt.penalty.paid,
            "waived": debt.penalty.waived,
        },
    }


def _unpack(document: Document) -> Debt:
    penalty = document["penalty"]
    return Debt(
        bill_id=document["_id"],
        account_id=document["account_id"],
        region=document["region"],
        org_path=document["org_path"],
        supply_class=SupplyClass(document["class"]),
        due_on=date.fromisoformat(document["due_on"]),
        owed=Fen(document["owed"]),
        ladder_from=date.fromisoformat(document["ladder_from"]),
        next_on=date.fromisoformat(document["next_on"]) if document["next_on"] else None,
        reached=Stage(document["reached"]) if document["reached"] else None,
        firm=document["firm"],
        penalty=Penalty(
            until=date.fromisoformat(penalty["until"]),
            charges=tuple(_charge(one) for one in penalty["charges"]),
            posted=Fen(penalty["posted"]),
            paid=Fen(penalty["paid"]),
            waived=Fen(penalty["waived"]),
        ),
    )


def _charge(one: Document) -> Charge:
    days = Days(date.fromisoformat(one["from"]), date.fromisoformat(one["to"]))
    return Charge(days, Fen(one["owed"]), one["rate"])
