"""Cases in MongoDB."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from pymongo import UpdateOne

from gridhall.billing.cases.model import Case, CaseId, CaseKind, CaseState, Step
from gridhall.kit.keyset import beyond
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of
from gridhall.kit.units import units_above

BY_UNIT = Index("region", "state", "units", "due_on", "_id", name="by_unit")
"""Serves `page`: the cases of a region's units, what is due first on top, filtered by kind and owner on the way."""

Position = tuple[date, CaseId]
"""A place in the list: the day on which a case is due, and its id."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases are listed.

    units: of the organisation, with those below; '' is the whole region. states: at least one. kinds: none for all.
    """

    region: str
    units: tuple[str, ...] = ("",)
    states: tuple[CaseState, ...] = (CaseState.OPEN, CaseState.TAKEN)
    kinds: tuple[CaseKind, ...] = ()
    owner: str | None = None


class CaseRepository:
    """Cases. The id follows from the key, so that a difference has one case. Shard key: _id."""

    collection_name = "billing_cases"
    indexes: ClassVar[tuple[Index, ...]] = (BY_UNIT,)

    def __init__(self, mongo: Mongo) -> None:
        self._cases = mongo[self.collection_name]

    async def add(self, cases: Sequence[Case], *, transaction: Transaction | None = None) -> int:
        """Write those cases that are not there, whatever their state; return how many were written."""
        if not cases:
            return 0
        result = await self._cases.bulk_write(
            [UpdateOne({"_id": case.id}, {"$setOnInsert": _pack(case)}, upsert=True) for case in cases],
            ordered=False,
            session=session_of(transaction),
        )
        return result.upserted_count

    async def load(self, ids: Iterable[CaseId], *, transaction: Transaction | None = None) -> dict[CaseId, Case]:
        """Return those that exist, by id."""
        found = self._cases.find({"_id": {"$in": list(ids)}}, session=session_of(transaction))
        return {document["_id"]: _unpack(document) async for document in found}

    async def replace(self, case: Case, *, transaction: Transaction) -> None:
        """Write a case as it was changed."""
        await self._cases.update_one({"_id": case.id}, {"$set": _pack(case)}, session=transaction.session)

    async def page(self, wanted: Wanted, *, after: Position | None, limit: int) -> list[Case]:
        """Return a page of cases, what is due first on top."""
        query: Document = {
            "region": wanted.region,
            "state": {"$in": list(wanted.states)},
            "units": {"$in": list(wanted.units)},
        }
        if wanted.kinds:
            query["kind"] = {"$in": list(wanted.kinds)}
        if wanted.owner is not None:
            query["owner"] = wanted.owner
        query |= beyond("due_on", after)
        found = self._cases.find(query).sort([("due_on", 1), ("_id", 1)]).limit(limit)
        return [_unpack(document) async for document in found]


def _pack(case: Case) -> Document:
    return {
        "schema": 1,
        "key": case.key,
        "kind": case.kind,
        "region": case.region,
        "org_path": case.org_path,
        "units": units_above(case.org_path),
        "account_id": case.account_id,
        "amount": case.amount,
        "evidence": [list(pair) for pair in case.evidence],
        "opened_at": case.opened_at,
        "due_on": case.due_on.isoformat(),
        "owner": case.owner,
        "state": case.state,
        "closing": case.closing,
        "steps": [{"at": step.at, "by": step.by, "state": step.state, "note": step.note} for step in case.steps],
    }


def _unpack(document: Document) -> Case:
    return Case(
        id=document["_id"],
        key=document["key"],
        kind=CaseKind(document["kind"]),
        region=document["region"],
        org_path=document["org_path"],
        account_id=document["account_id"],
        amount=Fen(document["amount"]),
        evidence=tuple((name, value) for name, value in document["evidence"]),
        opened_at=document["opened_at"],
        due_on=date.fromisoformat(document["due_on"]),
        owner=document["owner"],
        state=CaseState(document["state"]),
        closing=document["closing"],
        steps=tuple(Step(step["at"], step["by"], CaseState(step["state"]), step["note"]) for step in document["steps"]),
    )
