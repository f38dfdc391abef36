"""Due rows in MongoDB: one an unpaid bill, gone when it is paid."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from pymongo import DeleteOne, InsertOne, ReplaceOne

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.model import Reminder
from gridhall.billing.arrears.policies import Stage
from gridhall.billing.bills.model import BillId
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of

NEXT_BY_REGION = Index("region", "next_on", "_id", name="next_by_region")
"""Serves `due`: the daily scan, by region so that it targets one shard."""

BY_ACCOUNT = Index("account_id", name="by_account")
"""Serves `of_account`: everything that the account is to be reminded of."""


class ReminderRepository:
    """Due rows. Shard key: (region, _id); `_id` is the bill."""

    collection_name = "reminders"
    indexes: ClassVar[tuple[Index, ...]] = (NEXT_BY_REGION, BY_ACCOUNT)

    def __init__(self, mongo: Mongo) -> None:
        self._reminders = mongo[self.collection_name]

    async def add(self, reminders: Sequence[Reminder], *, transaction: Transaction) -> None:
        """Write the due rows of bills as they are issued."""
        if reminders:
            await self._reminders.bulk_write([InsertOne(_pack(one)) for one in reminders], session=transaction.session)

    async def due(self, *, region: str, on: date, limit: int) -> list[Reminder]:
        """Return the rows of a region whose day has come, the longest waiting first."""
        cursor = self._reminders.find({"region": region, "next_on": {"$lte": on.isoformat()}})
        return [_unpack(found) async for found in cursor.sort([("next_on", 1), ("_id", 1)]).limit(limit)]

    async def of_accounts(
        self, account_ids: Iterable[AccountId], *, transaction: Transaction | None = None
    ) -> list[Reminder]:
        """Return every row of some accounts."""
        query = {"account_id": {"$in": list(account_ids)}}
        cursor = self._reminders.find(query, session=session_of(transaction)).sort("_id")
        return [_unpack(found) async for found in cursor]

    async def move(self, *, later: Sequence[Reminder], done: Sequence[BillId], transaction: Transaction) -> None:
        """Move rows to their next step, and drop those at the top of the ladder."""
        writes = [ReplaceOne({"_id": one.bill_id}, _pack(one)) for one in later]
        writes += [DeleteOne({"_id": bill_id}) for bill_id in done]  # type: ignore[misc]
        if writes:
            await self._reminders.bulk_write(writes, ordered=False, session=transaction.session)

    async def stop(self, bill_ids: Sequence[BillId], *, transaction: Transaction) -> None:
        """Stop reminding of bills, because they are paid. Idempotent."""
        if bill_ids:
            await self._reminders.delete_many({"_id": {"$in": list(bill_ids)}}, session=transaction.session)


def _pack(reminder: Reminder) -> Document:
    return {
        "_id": reminder.bill_id,
        "schema": 1,
        "account_id": reminder.account_id,
        "region": reminder.region,
        "due_on": reminder.due_on.isoformat(),
        "next_on": reminder.next_on.isoformat(),
        "reached": reminder.reached,
    }


def _unpack(document: Document) -> Reminder:
    return Reminder(
        bill_id=document["_id"],
        account_id=document["account_id"],
        region=document["region"],
        due_on=date.fromisoformat(document["due_on"]),
        next_on=date.fromisoformat(document["next_on"]),
        reached=Stage(document["reached"]) if document["reached"] else None,
    )
