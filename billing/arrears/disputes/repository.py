"""Objections in MongoDB."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, ClassVar

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.disputes.model import Dispute, DisputeId, DisputeState
from gridhall.billing.bills.model import BillId
from gridhall.kit.keyset import beyond
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of
from gridhall.kit.units import units_above

ONE_A_BILL = Index("bill_id", name="one_a_bill", unique=True, only={"state": "open"})
"""Keeps a bill from two open objections."""

OF_BILL = Index("bill_id", "-opened_at", name="of_bill")
"""Serves `of_bills`: the objections to a bill, newest first."""

OF_ACCOUNT = Index("account_id", "-opened_at", name="of_account")
"""Serves `of_accounts`: what an account objected to, newest first."""

BY_UNIT = Index("region", "state", "units", "due_on", "_id", name="by_unit")
"""Serves `page`: the objections of a region's units, the first due first."""


class DisputeRepository:
    """Objections. Shard key: (account_id)."""

    collection_name = "disputes"
    indexes: ClassVar[tuple[Index, ...]] = (ONE_A_BILL, OF_BILL, OF_ACCOUNT, BY_UNIT)

    def __init__(self, mongo: Mongo) -> None:
        self._disputes = mongo[self.collection_name]

    async def put(self, dispute: Dispute, *, transaction: Transaction) -> None:
        """Write an objection as it stands. Raises the driver's DuplicateKeyError where another one is open."""
        document = _pack(dispute)
        await self._disputes.replace_one({"_id": dispute.id}, document, upsert=True, session=transaction.session)

    async def load(
        self, ids: Iterable[DisputeId], *, transaction: Transaction | None = None
    ) -> dict[DisputeId, Dispute]:
        """Return objections by id; unknown ids are left out."""
        cursor = self._disputes.find({"_id": {"$in": list(ids)}}, session=session_of(transaction))
        return {found["_id"]: _unpack(found) async for found in cursor}

    async def of_bills(self, bill_ids: Iterable[BillId]) -> dict[BillId, list[Dispute]]:
        """Return all objections to bills, each bill's newest first."""
        cursor = self._disputes.find({"bill_id": {"$in": list(bill_ids)}}).sort("opened_at", -1)
        found: dict[BillId, list[Dispute]] = {}
        async for document in cursor:
            found.setdefault(document["bill_id"], []).append(_unpack(document))
        return found

    async def of_accounts(
        self,
        account_ids: Iterable[AccountId],
        *,
        limit: int = 100,
        open_only: bool = False,
        transaction: Transaction | None = None,
    ) -> list[Dispute]:
        """Return what accounts objected to, newest first."""
        query: Document = {"account_id": {"$in": list(account_ids)}}
        if open_only:
            query["state"] = DisputeState.OPEN
        cursor = self._disputes.find(query, session=session_of(transaction)).sort("opened_at", -1).limit(limit)
        return [_unpack(found) async for found in cursor]

    async def page(
        self,
        *,
        region: str,
        units: Collection[str],
        state: DisputeState,
        after: tuple[date, DisputeId] | None,
        limit: int,
    ) -> list[Dispute]:
        """Return the objections of a region's units in a state, the first due first."""
        query: Document = {"region": region, "state": state, "units": {"$in": list(units)}}
        query |= beyond("due_on", after)
        cursor = self._disputes.find(query).sort([("due_on", 1), ("_id", 1)]).limit(limit)
        return [_unpack(found) async for found in cursor]


_FIELDS = tuple(name for name in Dispute.__dataclass_fields__ if name not in {"id", "due_on"})


def _pack(dispute: Dispute) -> Document:
    values: Document = {name: getattr(dispute, name) for name in _FIELDS}
    due_on, units = dispute.due_on.isoformat(), units_above(dispute.org_path)
    return {"_id": dispute.id, "schema": 1, "units": units, "due_on": due_on, **values}


def _unpack(document: Document) -> Dispute:
    values: dict[str, Any] = {name: document[name] for name in _FIELDS}
    values |= {"state": DisputeState(values["state"]), "due_on": date.fromisoformat(document["due_on"])}
    return Dispute(id=document["_id"], **values)
