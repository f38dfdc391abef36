"""Imported bills beside the books, in MongoDB: by the supplier's number, with what recomputing them found."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from pymongo import ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError

from gridhall.billing.bills.model import BillId
from gridhall.billing.bills.repository import MonthBilledError
from gridhall.billing.shadow.model import Difference, Finding, Record, Verdict
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, is_duplicate, session_of

OF_BILL = Index("bill_id", name="of_bill")
"""Serves `of_bills`: what is known of a bill that is shown."""

BY_VERDICT = Index("region", "month", "finding.verdict", "_id", name="by_verdict")
"""Serves `page` and `count`: the imported bills of a region's month, by what recomputing found."""


class ShadowRepository:
    """Imported bills. The id is the region and the supplier's number, so that a number has one record."""

    collection_name = "shadow_bills"
    indexes: ClassVar[tuple[Index, ...]] = (OF_BILL, BY_VERDICT)

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._records = mongo[self.collection_name]

    async def load(self, keys: Iterable[str], *, transaction: Transaction | None = None) -> dict[str, Record]:
        """Return records by key; unknown ones are left out."""
        found = self._records.find({"_id": {"$in": list(keys)}}, session=session_of(transaction))
        return {document["_id"]: _unpack(document) async for document in found}

    async def of_bills(self, bill_ids: Iterable[BillId]) -> dict[BillId, Record]:
        """Return the records of bills; of a bill that a later revision replaced there is none any more."""
        found = self._records.find({"bill_id": {"$in": list(bill_ids)}})
        return {document["bill_id"]: _unpack(document) async for document in found}

    async def add(self, records: Sequence[Record], *, transaction: Transaction) -> None:
        """Write new records. Raises MonthBilledError where another worker took one of the numbers meanwhile."""
        try:
            await self._records.insert_many([_pack(one) for one in records], session=transaction.session)
        except BulkWriteError as error:
            if is_duplicate(error):
                raise MonthBilledError from error
            raise

    async def put(self, record: Record, *, transaction: Transaction) -> None:
        """Write a record as its new revision is."""
        await self._records.bulk_write(
            [ReplaceOne({"_id": record.key}, _pack(record), upsert=True)], session=transaction.session
        )

    async def note(self, findings: Mapping[str, tuple[int, Finding]], *, now: datetime) -> None:
        """Note what recomputing found, by key and revision; one that was revised meanwhile is left alone."""
        if findings:
            await self._records.bulk_write(
                [
                    UpdateOne(
                        {"_id": key, "revision": revision},
                        {"$set": {"finding": _pack_finding(finding), "compared_at": now}},
                    )
                    for key, (revision, finding) in findings.items()
                ],
                ordered=False,
            )

    async def page(
        self, *, region: str, month: Month, verdicts: Sequence[Verdict], after: str | None, limit: int
    ) -> list[Record]:
        """Return imported bills of a region's month with these verdicts, in the order of their keys, behind `after`."""
        query: Document = {"region": region, "month": str(month), "finding.verdict": {"$in": list(verdicts)}}
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._records.find(query).sort("_id", 1).limit(limit)
        return [_unpack(document) async for document in found]

    async def count(self, *, region: str, month: Month) -> dict[Verdict, int]:
        """Return how many imported bills of a region's month have each verdict."""
        found = await self._mongo.aggregate(
            self.collection_name,
            [
                {"$match": {"region": region, "month": str(month)}},
                {"$group": {"_id": "$finding.verdict", "bills": {"$sum": 1}}},
            ],
        )
        return {Verdict(row["_id"]): row["bills"] for row in found}


def _pack(record: Record) -> Document:
    return {
        "_id": record.key,
        "schema": 1,
        "region": record.region,
        "number": record.number,
        "org_path": record.org_path,
        "account_id": record.account_id,
        "month": str(record.month),
        "bill_id": record.bill_id,
        "revision": record.revision,
        "digest": record.digest,
        "total": record.total,
        "imported_by": record.imported_by,
        "imported_at": record.imported_at,
        "finding": _pack_finding(record.finding),
        "compared_at": record.compared_at,
    }


def _unpack(document: Document) -> Record:
    return Record(
        region=document["region"],
        number=document["number"],
        org_path=document["org_path"],
        account_id=document["account_id"],
        month=Month.parse(document["month"]),
        bill_id=document["bill_id"],
        revision=document["revision"],
        digest=document["digest"],
        total=Fen(document["total"]),
        imported_by=document["imported_by"],
        imported_at=document["imported_at"],
        finding=_unpack_finding(document["finding"]),
        compared_at=document["compared_at"],
    )


def _pack_finding(finding: Finding) -> Document:
    return {
        "verdict": finding.verdict,
        "differences": [[one.what, one.where, one.theirs, one.ours] for one in finding.differences],
        "why": finding.why,
        "total": finding.total,
    }


def _unpack_finding(document: Document) -> Finding:
    return Finding(
        verdict=Verdict(document["verdict"]),
        differences=tuple(Difference(*one) for one in document["differences"]),
        why=document["why"],
        total=document["total"],
    )
