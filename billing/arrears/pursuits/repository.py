"""Pursuits in MongoDB: how an account in arrears is followed, one document an account that ever was."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from pymongo import InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.model import Entry, Pause, Pursuit
from gridhall.billing.arrears.policies import SupplyClass
from gridhall.billing.arrears.scoring import Record
from gridhall.billing.arrears.states import Hold, Standing, State
from gridhall.kit.keyset import beyond
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, is_duplicate, session_of
from gridhall.kit.units import units_above

BY_STATE = Index("region", "state", "units", "since", "_id", name="by_state")
"""Serves `page`: the accounts of a region's units that are in a state, the longest first."""

OVERDUE = Index("region", "_id", name="overdue", only={"overdue": {"$gt": 0}})
"""Serves `overdue_ids`: the walk over the accounts of a region that owe something overdue."""

BY_EXPECTED = Index("region", "units", "-expected", "-_id", name="by_expected", only={"expected": {"$gt": 0}})
"""Serves `queue`: the collectors' work of a region's units, the most to be expected first."""


class PursuitRepository:
    """Pursuits. Shard key: (region, _id); `_id` is the account."""

    collection_name = "pursuits"
    indexes: ClassVar[tuple[Index, ...]] = (BY_STATE, OVERDUE, BY_EXPECTED)

    def __init__(self, mongo: Mongo) -> None:
        self._pursuits = mongo[self.collection_name]

    async def load(
        self, account_ids: Iterable[AccountId], *, transaction: Transaction | None = None
    ) -> dict[AccountId, Pursuit]:
        """Return how accounts are followed; those that never were in arrears are left out."""
        query = {"_id": {"$in": list(account_ids)}}
        return {one["_id"]: _unpack(one) async for one in self._pursuits.find(query, session=session_of(transaction))}

    async def put(self, pursuits: Sequence[Pursuit], *, transaction: Transaction) -> None:
        """Write the next revision of pursuits, in a transaction that has read the one before.

        Raises ChangedMeanwhileError where another revision is there.
        """
        writes: list[InsertOne[Document] | ReplaceOne[Document]] = [
            InsertOne(_pack(one))
            if one.revision == 1
            else ReplaceOne({"_id": one.account_id, "revision": one.revision - 1}, _pack(one))
            for one in pursuits
        ]
        if not writes:
            return
        try:
            result = await self._pursuits.bulk_write(writes, ordered=False, session=transaction.session)
        except BulkWriteError as error:
            if is_duplicate(error):
                raise ChangedMeanwhileError from error
            raise
        if result.inserted_count + result.matched_count != len(writes):
            raise ChangedMeanwhileError

    async def page(
        self,
        *,
        region: str,
        states: Sequence[State],
        units: Sequence[str] = ("",),
        after: tuple[datetime, AccountId] | None,
        limit: int,
    ) -> list[Pursuit]:
        """Return the accounts of a region's units in some states, those that are longest in theirs first."""
        query: Document = {"region": region, "state": {"$in": list(states)}, "units": {"$in": list(units)}}
        query |= beyond("since", after)
        cursor = self._pursuits.find(query).sort([("since", 1), ("_id", 1)]).limit(limit)
        return [_unpack(found) async for found in cursor]

    async def overdue_ids(self, *, region: str, after: AccountId | None, limit: int) -> list[AccountId]:
        """Return accounts of a region that owe something overdue, in id order."""
        query: Document = {"region": region, "overdue": {"$gt": 0}}
        if after is not None:
            query["_id"] = {"$gt": after}
        return [one["_id"] async for one in self._pursuits.find(query, {"_id": 1}).sort("_id").limit(limit)]

    async def queue(
        self,
        *,
        region: str,
        units: Sequence[str],
        states: Sequence[State],
        after: tuple[int, AccountId] | None,
        limit: int,
    ) -> list[Pursuit]:
        """Return the accounts of a region's units that are in some states, the most to be expected first."""
        query: Document = {
            "region": region,
            "units": {"$in": list(units)},
            "expected": {"$gt": 0},
            "state": {"$in": list(states)},
        }
        query |= beyond("expected", after, falling=True)
        cursor = self._pursuits.find(query).sort([("expected", -1), ("_id", -1)]).limit(limit)
        return [_unpack(found) async for found in cursor]


def _pack(pursuit: Pursuit) -> Document:
    return {
        "_id": pursuit.account_id,
        "schema": 1,
        "revision": pursuit.revision,
        "region": pursuit.region,
        "org_path": pursuit.org_path,
        "units": units_above(pursuit.org_path),
        "class": pursuit.supply_class,
        "state": pursuit.state,
        "rung": pursuit.standing.rung,
        "holds": sorted(pursuit.standing.holds),
        "since": pursuit.since,
        "eased_on": pursuit.eased_on.isoformat() if pursuit.eased_on else None,
        "shield": pursuit.shield,
        "notice": pursuit.notice,
        "overdue": pursuit.overdue,
        "oldest_due": pursuit.oldest_due.isoformat() if pursuit.oldest_due else None,
        "expected": pursuit.expected,
        "record": {
            "overdue": pursuit.record.overdue,
            "settled": pursuit.record.settled,
            "kept": pursuit.record.kept,
            "broken": pursuit.record.broken,
        },
        "pauses": [
            {"hold": one.hold, "from": one.from_day.isoformat(), "to": one.to_day.isoformat() if one.to_day else None}
            for one in pursuit.pauses
        ],
        "history": [
            {"at": one.at, "by": one.by, "event": one.event, "state": one.state, "note": one.note}
            for one in pursuit.history
        ],
    }


def _unpack(document: Document) -> Pursuit:
    return Pursuit(
        account_id=document["_id"],
        region=document["region"],
        org_path=document["org_path"],
        supply_class=SupplyClass(document["class"]),
        standing=Standing(State(document["rung"]), frozenset(Hold(one) for one in document["holds"])),
        since=document["since"],
        eased_on=_day(document["eased_on"]),
        shield=document["shield"],
        notice=document["notice"],
        overdue=Fen(document["overdue"]),
        oldest_due=_day(document["oldest_due"]),
        expected=Fen(document["expected"]),
        record=Record(**document["record"]),
        pauses=tuple(
            Pause(Hold(one["hold"]), date.fromisoformat(one["from"]), _day(one["to"])) for one in document["pauses"]
        ),
        history=tuple(_entry(one) for one in document["history"]),
        revision=document["revision"],
    )


def _entry(one: dict[str, Any]) -> Entry:
    return Entry(one["at"], one["by"], one["event"], State(one["state"]), one["note"])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


class ChangedMeanwhileError(Exception):
    """Somebody else changed how an account is followed at the same time; begin again."""
