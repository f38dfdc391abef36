"""What the board counts: groups over indexes of bills and waits, none of which looks at a collection as a whole."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.arrears.pursuits.repository import PursuitRepository
from gridhall.billing.bills.document import unpack
from gridhall.billing.bills.model import Bill, BillId, BillStatus
from gridhall.billing.bills.repository import BillRepository
from gridhall.billing.board.model import PROCEDURE
from gridhall.billing.waits.repository import WaitRepository
from gridhall.kit.keyset import beyond
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Document, Mongo

_OPEN: Final = [str(BillStatus.ISSUED), str(BillStatus.PART_PAID)]


class BoardRepository:
    """Reads for the board. The indexes are those of the collections that it reads."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def accounts(self, *, region: str, units: Sequence[str]) -> int:
        """Count the accounts of units."""
        (found,) = await self._mongo.aggregate(
            AccountRepository.collection_name,
            [{"$match": {"region": region, **within(units)}}, {"$group": {"_id": None, "accounts": {"$sum": 1}}}],
        ) or [{"accounts": 0}]
        return int(found["accounts"])

    async def waits(self, *, region: str, month: Month, units: Sequence[str]) -> list[Document]:
        """Return by code how many accounts wait, and since when the oldest."""
        return await self._mongo.aggregate(WaitRepository.collection_name, waits_pipeline(region, month, units))

    async def bills(self, *, region: str, month: Month, units: Sequence[str], today: date) -> list[Document]:
        """Return by status, and whether they are overdue, how many bills there are, their money and the oldest."""
        return await self._mongo.aggregate(BillRepository.collection_name, bills_pipeline(region, month, units, today))

    async def held(self, *, region: str, month: Month, units: Sequence[str]) -> list[Document]:
        """Return held bills by owner, by findings, and by what was done about them: few beside all of them."""
        return await self._mongo.aggregate(BillRepository.collection_name, held_pipeline(region, month, units))

    async def in_procedure(self, *, region: str, month: Month, units: Sequence[str], today: date) -> list[Document]:
        """Return overdue bills of accounts in the arrears procedure, by its state."""
        pipeline = procedure_pipeline(region, month, units, today)
        return await self._mongo.aggregate(BillRepository.collection_name, pipeline)

    async def bill_page(
        self,
        *,
        wanted: Document,
        after: tuple[str, BillId] | None,
        limit: int,
    ) -> list[Bill]:
        """Return bills of a filter by stage, in the order of the index: by unit, and in it the oldest first."""
        query = dict(wanted)
        query |= beyond("org_path", after)
        found = self._mongo[BillRepository.collection_name].find(query)
        return [unpack(one) async for one in found.sort([("org_path", 1), ("_id", 1)]).limit(limit)]

    async def account_page(
        self, *, region: str, units: Sequence[str], after: tuple[str, AccountId] | None, limit: int
    ) -> list[tuple[str, AccountId]]:
        """Return accounts of units with their paths, in the order of both."""
        query: Document = {"region": region, **within(units)}
        query |= beyond("org_path", after)
        found = self._mongo[AccountRepository.collection_name].find(query, ["org_path"])
        return [(one["org_path"], one["_id"]) async for one in found.sort([("org_path", 1), ("_id", 1)]).limit(limit)]

    async def billed(self, account_ids: Sequence[AccountId], *, month: Month) -> set[AccountId]:
        """Return those of the accounts that have a bill of a month that stands."""
        counts = [str(status) for status in BillStatus if status.counts]
        query = {"account_id": {"$in": list(account_ids)}, "month": str(month), "status": {"$in": counts}}
        return {
            one["account_id"] async for one in self._mongo[BillRepository.collection_name].find(query, ["account_id"])
        }


def within(units: Sequence[str]) -> Document:
    """Return the filter of what lies in units and below; of all of a region, none.

    By the path itself and not by a list of units, so that an index alone answers.
    """
    if "" in units:
        return {}
    return {"org_path": {"$in": [re.compile(f"^{re.escape(unit)}(/|$)") for unit in units]}}


def waits_pipeline(region: str, month: Month, units: Sequence[str]) -> list[Document]:
    """By code."""
    return [
        {"$match": {"region": region, "month": str(month), "units": {"$in": list(units)}}},
        {"$group": {"_id": "$code", "count": {"$sum": 1}, "since": {"$min": "$since"}}},
    ]


def bills_pipeline(region: str, month: Month, units: Sequence[str], today: date) -> list[Document]:
    """By status and whether overdue; held and rejected ones are counted elsewhere."""
    counted = [str(status) for status in BillStatus if status.shown]
    late = [
        {"$in": ["$status", _OPEN]},
        {"$gt": ["$due_on", None]},
        {"$lt": ["$due_on", today.isoformat()]},
    ]
    return [
        {"$match": {"region": region, "month": str(month), "status": {"$in": counted}, **within(units)}},
        {
            "$group": {
                "_id": {"status": "$status", "overdue": {"$and": late}},
                "count": {"$sum": 1},
                "total": {"$sum": "$total"},
                "paid": {"$sum": "$paid"},
                "since": {"$min": "$issued_at"},
                "due_on": {"$min": "$due_on"},
            }
        },
    ]


def held_pipeline(region: str, month: Month, units: Sequence[str]) -> list[Document]:
    """By owner, by the kinds of findings and by the last step."""
    return [
        {"$match": {"region": region, "month": str(month), "status": BillStatus.HELD, **within(units)}},
        {
            "$group": {
                "_id": {
                    "owner": "$hold.owner",
                    "awaits_approval": "$hold.awaits_approval",
                    "sent_back": {"$in": ["sent_back", {"$ifNull": ["$hold.steps.what", []]}]},
                    "findings": "$findings.code",
                },
                "count": {"$sum": 1},
                "total": {"$sum": "$total"},
                "since": {"$min": "$made_at"},
            }
        },
    ]


def overdue(region: str, month: Month, units: Sequence[str], today: date) -> Document:
    """Return the filter of overdue bills."""
    due = {"$lt": today.isoformat()}
    return {"region": region, "month": str(month), "status": {"$in": _OPEN}, "due_on": due, **within(units)}


def procedure_pipeline(region: str, month: Month, units: Sequence[str], today: date) -> list[Document]:
    """By the state of the account."""
    return [
        {"$match": overdue(region, month, units, today)},
        {"$project": {"_id": 0, "account_id": 1, "total": 1, "paid": 1}},
        {
            "$lookup": {
                "from": PursuitRepository.collection_name,
                "localField": "account_id",
                "foreignField": "_id",
                "pipeline": [
                    {"$match": {"state": {"$in": sorted(PROCEDURE)}}},
                    {"$project": {"state": 1, "since": 1}},
                ],
                "as": "pursuit",
            }
        },
        {"$unwind": "$pursuit"},
        {
            "$group": {
                "_id": "$pursuit.state",
                "count": {"$sum": 1},
                "owed": {"$sum": {"$subtract": ["$total", "$paid"]}},
                "since": {"$min": "$pursuit.since"},
            }
        },
    ]
