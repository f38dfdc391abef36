"""Accounts whose month cannot be billed yet, and why: the list that metering works off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pymongo import DeleteMany, UpdateOne

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.schemas import BY_ACCOUNT, second_wait
from gridhall.billing.waits.model import Waiting
from gridhall.kit.keyset import beyond
from gridhall.kit.localdays import Month
from gridhall.kit.migrations import SchemaStep
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of
from gridhall.kit.units import units_above

BY_UNIT = Index("region", "month", "units", "code", "since", "_id", name="by_unit")
"""Serves `page`, and the board: what the accounts of a unit wait for, and who the longest."""


class WaitRepository:
    """Waiting accounts, one document an account and month."""

    collection_name = "bill_waits"
    indexes: ClassVar[tuple[Index, ...]] = (BY_UNIT,)
    migrations: ClassVar[tuple[SchemaStep, ...]] = (
        SchemaStep("bill_waits", of=1, change=second_wait, beside=BY_ACCOUNT),
    )

    def __init__(self, mongo: Mongo) -> None:
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

    async def page(
        self,
        *,
        region: str,
        month: Month,
        units: Sequence[str],
        codes: Sequence[str],
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> "list[Kept]":
        """Return accounts of units that wait for some things, the longest waiting first."""
        query: Document = {"region": region, "month": str(month), "units": {"$in": list(units)}}
        query["code"] = {"$in": list(codes)}
        query |= beyond("since", after)
        found = self._waits.find(query).sort([("since", 1), ("_id", 1)]).limit(limit)
        return [
            Kept(one["_id"], one["account_id"], Waiting(one["code"], tuple(one["params"].items())), one["since"])
            async for one in found
        ]

    async def of_accounts(self, account_ids: Sequence[AccountId], *, month: Month) -> set[AccountId]:
        """Return those of the accounts that wait in a month."""
        query = {"_id": {"$in": [_key(account_id, month) for account_id in account_ids]}}
        return {one["account_id"] async for one in self._waits.find(query, ["account_id"])}


@dataclass(frozen=True, slots=True)
class Kept:
    """An account that waits, for what, and since when. id: its place among those of the same instant."""

    id: str
    account_id: AccountId
    waiting: Waiting
    since: datetime


def _key(account_id: AccountId, month: Month) -> str:
    return f"{account_id}:{month}"
