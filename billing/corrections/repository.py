"""Corrections in MongoDB."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar, Final

from pymongo import InsertOne
from pymongo.errors import BulkWriteError

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import BillId
from gridhall.billing.corrections.model import Correction
from gridhall.kit.mongo import Before, Document, Index, Mongo, earlier, is_duplicate
from gridhall.metering.closings.model import ChangeKind

SCHEMA: Final = 1

NEWEST_OF_REGION = Index("region", "-noted_at", "-_id", name="newest_of_region")
"""Serves `page`: the desk's list of a region, newest first."""

OF_BILL = Index("bill_id", "day", name="of_bill")
"""Serves `of_bills`: why a bill is questioned."""


class CorrectionRepository:
    """Corrections of issued bills. Shard key: (bill_id)."""

    collection_name = "corrections"
    indexes: ClassVar[tuple[Index, ...]] = (NEWEST_OF_REGION, OF_BILL)

    def __init__(self, mongo: Mongo) -> None:
        self._corrections = mongo[self.collection_name]

    async def note(self, corrections: Sequence[Correction]) -> None:
        """Write corrections; one that is noted already stays as it is."""
        try:
            if corrections:
                writes = [InsertOne(_pack(one)) for one in corrections]
                await self._corrections.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            if not is_duplicate(error):
                raise

    async def page(self, *, region: str, before: Before | None, limit: int) -> list[Correction]:
        """Return a page of a region's corrections, newest first."""
        query: Document = {"region": region, **earlier("noted_at", before)}
        cursor = self._corrections.find(query).sort([("noted_at", -1), ("_id", -1)]).limit(limit)
        return [_unpack(document) async for document in cursor]

    async def of_bills(self, ids: Iterable[BillId], *, limit: int) -> list[Correction]:
        """Return the corrections of bills, by bill and day, `limit` at most."""
        cursor = self._corrections.find({"bill_id": {"$in": list(ids)}}).sort([("bill_id", 1), ("day", 1)])
        return [_unpack(document) async for document in cursor.limit(limit)]


def _pack(one: Correction) -> Document:
    return {
        "_id": one.id,
        "schema": SCHEMA,
        "bill_id": one.bill_id,
        "account_id": one.account_id,
        "region": one.region,
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
        point_id=document["point_id"],
        kind=ChangeKind(document["kind"]),
        day=date.fromisoformat(document["day"]),
        before=tuple((name, value) for name, value in document["before"]),
        after=tuple((name, value) for name, value in document["after"]),
        noted_at=document["noted_at"],
    )
