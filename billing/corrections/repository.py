"""Corrections in MongoDB."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import ClassVar, Final

from pymongo import InsertOne

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import BillId
from gridhall.billing.corrections.model import Correction
from gridhall.kit.mongo import Before, Document, Index, Mongo, earlier, put_all
from gridhall.kit.units import units_above
from gridhall.metering.closings.model import ChangeKind

SCHEMA: Final = 1

NEWEST_OF_UNIT = Index("region", "units", "-noted_at", "-_id", name="newest_of_unit")
"""Serves `page`: the desk's list of a region's units, newest first."""


class CorrectionRepository:
    """Corrections of issued bills. Shard key: (bill_id)."""

    collection_name = "corrections"
    indexes: ClassVar[tuple[Index, ...]] = (NEWEST_OF_UNIT,)

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
        org_path=document["org_path"],
        point_id=document["point_id"],
        kind=ChangeKind(document["kind"]),
        day=date.fromisoformat(document["day"]),
        before=tuple((name, value) for name, value in document["before"]),
        after=tuple((name, value) for name, value in document["after"]),
        noted_at=document["noted_at"],
    )
