"""Who holds the contract of an account, in MongoDB."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from pymongo import ReplaceOne

from gridhall.billing.accounts.model import AccountId
from gridhall.crm.customers.model import CustomerId
from gridhall.kit.mongo import Index, Mongo

BY_CUSTOMER = Index("customer_id", name="by_customer")
"""Serves `held_by`: from a person to the accounts that the person holds."""


class HolderRepository:
    """Contract holders (户主), one an account. A holder is not bound to the account before proving it.

    Shard key: _id (the account).
    """

    collection_name = "holders"
    indexes: ClassVar[tuple[Index, ...]] = (BY_CUSTOMER,)

    def __init__(self, mongo: Mongo) -> None:
        self._holders = mongo[self.collection_name]

    async def put(self, holders: Mapping[AccountId, CustomerId]) -> None:
        """Note who holds which account, as the system of record tells. Idempotent."""
        if holders:
            await self._holders.bulk_write(
                [
                    ReplaceOne({"_id": account_id}, {"schema": 1, "customer_id": customer_id}, upsert=True)
                    for account_id, customer_id in holders.items()
                ],
                ordered=False,
            )

    async def held_by(self, customer_ids: Iterable[CustomerId]) -> dict[CustomerId, list[AccountId]]:
        """Return the accounts that each customer holds; those who hold none are left out."""
        found: dict[CustomerId, list[AccountId]] = {}
        async for document in self._holders.find({"customer_id": {"$in": list(customer_ids)}}):
            found.setdefault(document["customer_id"], []).append(document["_id"])
        return found

    async def of_accounts(self, account_ids: Iterable[AccountId]) -> dict[AccountId, CustomerId]:
        """Return the holder of each account that has one."""
        cursor = self._holders.find({"_id": {"$in": list(account_ids)}})
        return {document["_id"]: document["customer_id"] async for document in cursor}
