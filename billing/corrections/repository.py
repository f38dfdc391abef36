"""Corrections in MongoDB."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import ClassVar, Final
from uuid import UUID

from pymongo import InsertOne

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import BillId
from gridhall.billing.corrections.model import Correction, Decided, Verdict
from gridhall.billing.schemas import BY_ACCOUNT, second_correction
from gridhall.kit.keyset import Before, earlier
from gridhall.kit.migrations import SchemaStep
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, put_all, session_of
from gridhall.kit.units import units_above
from gridhall.metering.closings.model import ChangeKind

SCHEMA: Final = 2

NEWEST_OF_UNIT = Index("region", "units", "-noted_at", "-_id", name="newest_of_unit")
"""Serves `page`: the desk's list of a region's units, newest first."""


OF_BILL = Index("bill_id", name="of_bill")
"""Serves `decide`: everything that questions a bill."""


class CorrectionRepository:
    """Corrections of issued bills. Shard key: (bill_id)."""

    collection_name = "corrections"
    indexes: ClassVar[tuple[Index, ...]] = (NEWEST_OF_UNIT, OF_BILL)
    migrations: ClassVar[tuple[SchemaStep, ...]] = (
        SchemaStep("corrections", of=1, change=second_correction, beside=BY_ACCOUNT),
    )

    def __init__(self, mongo: Mongo) -> None:
        self._corrections = mongo[self.collection_name]

    async def note(self, corrections: Sequence[Correction]) -> None:
        """Write corrections; one that is noted already stays as it is."""
        writes = [InsertOne(_pack(one)) for one in corrections]
        await put_all(self._corrections, writes, [one.id for one in corrections])

    async def page(
        self, *, region: str, units: Collection[str] = ("",), before: Before | None, limit: int
    ) -> list[Correction]:
        """Return a page of the corrections of a region's units, newest first."""
        query: Document = {"region": region, "units": {"$in": list(units)}, **earlier("noted_at", before)}
        cursor = self._corrections.find(query).sort([("noted_at", -1), ("_id", -1)]).limit(limit)
        return [_unpack(document) async for document in cursor]

    async def load(self, correction_id: UUID) -> Correction | None:
        """Return a correction, if there is one."""
        found = await self._corrections.find_one({"_id": correction_id})
        return _unpack(found) if found else None

    async def decide(
        self, *, bill_ids: Collection[BillId], decision: Decided, transaction: Transaction | None = None
    ) -> int:
        """Note what was decided on all corrections of some bills that nobody has decided on; return how many."""
        done = await self._corrections.update_many(
            {"bill_id": {"$in": list(bill_ids)}, "decided": None},
            {"$set": {"decided": _pack_decided(decision)}},
            session=session_of(transaction),
        )
        return done.modified_count


def _pack_decided(decision: Decided) -> Document:
    return {"verdict": decision.verdict, "by": decision.by, "reason": decision.reason, "at": decision.at}


def _pack(one: Correction) -> Document:
    return {
        "_id": one.id,
        "schema": SCHEMA,
        "bill_id": one.bill_id,
        "account_id": one.account_id,
        "region": one.region,
        "org_path": one.org_path,
        "units": units_above(one.org_path),
        "point_id": one.point_id,
        "kind": one.kind,
        "day": one.day.isoformat(),
        "before": [list(figure) for figure in one.before],
        "after": [list(figure) for figure in one.after],
        "noted_at": one.noted_at,
    }


def _unpack(document: Document) -> Correction:
    return Correction(
        bill_id=BillId(document["bill_id"]),
        account_id=AccountId(document["account_id"]),
        region=document["region"],
        org_path=document.get("org_path", ""),  # schema 1 did not say where
        point_id=document["point_id"],
        kind=ChangeKind(document["kind"]),
        day=date.fromisoformat(document["day"]),
        before=tuple((name, value) for name, value in document["before"]),
        after=tuple((name, value) for name, value in document["after"]),
        noted_at=document["noted_at"],
        decided=_unpack_decided(document.get("decided")),
    )


def _unpack_decided(document: Document | None) -> Decided | None:
    if document is None:
        return None
    return Decided(Verdict(document["verdict"]), document["by"], document["reason"], document["at"])
