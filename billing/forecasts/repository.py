"""The amounts from which on customers want to be told what a period is likely to cost."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from gridhall.billing.accounts.model import AccountId
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo

SCHEMA = 1

BY_REGION = Index("region", "_id", name="by_region")
"""Serves `page`: the nightly walk of a region's alerts."""


class BillAlertRepository:
    """One limit an account. Shard key: `_id`, which is the account."""

    collection_name = "bill_alerts"
    indexes: ClassVar[tuple[Index, ...]] = (BY_REGION,)

    def __init__(self, mongo: Mongo) -> None:
        self._alerts = mongo[self.collection_name]

    async def of(self, account_ids: Collection[AccountId]) -> dict[AccountId, Fen]:
        """Return the limits of those of the accounts that have one."""
        found = self._alerts.find({"_id": {"$in": list(account_ids)}})
        return {document["_id"]: Fen(document["limit"]) async for document in found}

    async def put(self, account_id: AccountId, *, region: str, limit: Fen) -> None:
        """Write the limit of an account; the same again changes nothing."""
        document: Document = {"_id": account_id, "schema": SCHEMA, "region": region, "limit": limit}
        await self._alerts.replace_one({"_id": account_id}, document, upsert=True)

    async def remove(self, account_id: AccountId) -> None:
        """Forget the limit of an account, if it has one."""
        await self._alerts.delete_one({"_id": account_id})

    async def page(self, *, region: str, after: AccountId | None, limit: int) -> Sequence[tuple[AccountId, Fen]]:
        """Return accounts of a region with their limits, in the order of their ids, from behind `after`."""
        query: Document = {"region": region}
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._alerts.find(query).sort("_id", 1).limit(limit)
        return [(document["_id"], Fen(document["limit"])) async for document in found]
