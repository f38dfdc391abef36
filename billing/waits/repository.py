"""Accounts whose month cannot be billed yet, and why: the list that metering works off."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from pymongo import DeleteMany, UpdateOne

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Index, Mongo, Transaction, session_of
from gridhall.kit.units import units_above

BY_MONTH = Index("month", "code", name="by_month")
"""Serves `count`: how many accounts of a month wait for what."""


class WaitRepository:
    """Waiting accounts, one document an account and month."""

    collection_name = "bill_waits"
    indexes: ClassVar[tuple[Index, ...]] = (BY_MONTH,)

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._waits = mongo[self.collection_name]

    async def keep(
        self,
        *,
        month: Month,
        waiting: Mapping[AccountId, Waiting],
        accounts: Mapping[AccountId, Account],
        settled: Sequence[AccountId],
        now: datetime,
        transaction: Transaction | None = None,
    ) -> None:
        """Note which of the accounts wait since when, and forget those that have their bill now. Idempotent."""
        changes: list[UpdateOne | DeleteMany] = [
            UpdateOne(
                {"_id": _key(account_id, month)},
                {
                    "$set": {
                        "schema": 2,
                        "account_id": account_id,
                        "region": accounts[account_id].region,
                        "units": units_above(accounts[account_id].org_path),
                        "month": str(month),
                        "code": wait.code,
                        "params": dict(wait.params),
                    },
                    "$setOnInsert": {"since": now},
                },
                upsert=True,
            )
            for account_id, wait in waiting.items()
        ]
        if settled:
            changes.append(DeleteMany({"_id": {"$in": [_key(account_id, month) for account_id in settled]}}))
        if changes:
            await self._waits.bulk_write(changes, ordered=False, session=session_of(transaction))

    async def count(self, *, month: Month) -> dict[str, int]:
        """Return how many accounts of a month wait, by the reason's code."""
        found = await self._mongo.aggregate(
            self.collection_name,
            [{"$match": {"month": str(month)}}, {"$group": {"_id": "$code", "accounts": {"$sum": 1}}}],
        )
        return {row["_id"]: row["accounts"] for row in found}


def _key(account_id: AccountId, month: Month) -> str:
    return f"{account_id}:{month}"
