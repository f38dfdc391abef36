"""Requests to the field system in MongoDB."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar

from pymongo import UpdateOne

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.supply.model import OPEN, SupplyKind, SupplyRequest, SupplyRequestId, SupplyState
from gridhall.kit.keyset import beyond
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of
from gridhall.kit.units import units_above

TO_SEND = Index("region", "not_before", "_id", name="to_send", only={"state": "asked"})
"""Serves `waiting` for what the field system has not taken yet."""

TAKEN = Index("region", "not_before", "_id", name="taken", only={"state": "acknowledged"})
"""Serves `waiting` for what the field system has taken and not done yet."""

OF_ACCOUNT = Index("account_id", "-asked_at", name="of_account")
"""Serves `of_accounts` and `open_of`: what was asked for an account."""

BY_UNIT = Index("region", "units", "-asked_at", "-_id", name="by_unit")
"""Serves `page`: the requests of a region's units, newest first."""


class SupplyRepository:
    """Requests. Shard key: (region, _id)."""

    collection_name = "supply_requests"
    indexes: ClassVar[tuple[Index, ...]] = (TO_SEND, TAKEN, OF_ACCOUNT, BY_UNIT)

    def __init__(self, mongo: Mongo) -> None:
        self._requests = mongo[self.collection_name]

    async def ask(self, requests: Sequence[SupplyRequest], *, transaction: Transaction) -> None:
        """Write requests, in the transaction of what causes them; the same again is left as it is."""
        if requests:
            await self._requests.bulk_write(
                [UpdateOne({"_id": one.id}, {"$setOnInsert": _pack(one)}, upsert=True) for one in requests],
                ordered=False,
                session=transaction.session,
            )

    async def load(
        self, ids: Collection[SupplyRequestId], *, transaction: Transaction | None = None
    ) -> dict[SupplyRequestId, SupplyRequest]:
        """Return requests by id; unknown ids are left out."""
        cursor = self._requests.find({"_id": {"$in": list(ids)}}, session=session_of(transaction))
        return {found["_id"]: _unpack(found) async for found in cursor}

    async def waiting(
        self,
        *,
        regions: Collection[str],
        state: SupplyState,
        after: tuple[datetime, SupplyRequestId] | None,
        now: datetime,
        limit: int,
    ) -> list[SupplyRequest]:
        """Return what regions' field systems are to be told, or have taken, the longest waiting first."""
        query: Document = {"region": {"$in": list(regions)}, "state": state, "not_before": {"$lte": now}}
        query |= beyond("not_before", after)
        cursor = self._requests.find(query).sort([("not_before", 1), ("_id", 1)]).limit(limit)
        return [_unpack(found) async for found in cursor]

    async def of_accounts(
        self, account_ids: Collection[AccountId], *, limit: int = 100, transaction: Transaction | None = None
    ) -> list[SupplyRequest]:
        """Return what was asked for accounts, newest first."""
        cursor = self._requests.find({"account_id": {"$in": list(account_ids)}}, session=session_of(transaction))
        return [_unpack(found) async for found in cursor.sort("asked_at", -1).limit(limit)]

    async def open_of(
        self, account_id: AccountId, *, kind: SupplyKind, transaction: Transaction | None = None
    ) -> list[SupplyRequest]:
        """Return the requests of a kind for an account that are neither done nor given up."""
        query = {"account_id": account_id, "kind": kind, "state": {"$in": list(OPEN)}}
        return [_unpack(found) async for found in self._requests.find(query, session=session_of(transaction))]

    async def page(
        self, *, region: str, units: Collection[str], after: tuple[datetime, SupplyRequestId] | None, limit: int
    ) -> list[SupplyRequest]:
        """Return the requests of a region's units, newest first."""
        query: Document = {"region": region, "units": {"$in": list(units)}}
        query |= beyond("asked_at", after, falling=True)
        cursor = self._requests.find(query).sort([("asked_at", -1), ("_id", -1)]).limit(limit)
        return [_unpack(found) async for found in cursor]

    async def move(
        self, request: SupplyRequest, *, was: Collection[SupplyState], transaction: Transaction | None = None
    ) -> bool:
        """Write how far a request came; False where it is not in one of the states it was in any more."""
        result = await self._requests.replace_one(
            {"_id": request.id, "state": {"$in": list(was)}}, _pack(request), session=session_of(transaction)
        )
        return result.matched_count == 1


def _pack(request: SupplyRequest) -> Document:
    values: Document = {name: getattr(request, name) for name in _FIELDS}
    return {"_id": request.id, "schema": 1, "units": units_above(request.org_path), **values}


def _unpack(document: Document) -> SupplyRequest:
    # One that was written before tries were counted has none.
    values: dict[str, Any] = {name: document[name] for name in _FIELDS if name in document}
    values |= {"kind": SupplyKind(values["kind"]), "state": SupplyState(values["state"])}
    return SupplyRequest(id=document["_id"], **values)


_FIELDS = tuple(name for name in SupplyRequest.__dataclass_fields__ if name != "id")
