"""Cases in MongoDB."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from pymongo import InsertOne, ReplaceOne

from gridhall.kit.keyset import beyond
from gridhall.kit.localdays import Days
from gridhall.kit.migrations import SchemaStep
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, Write, put_all, session_of
from gridhall.kit.units import units_above
from gridhall.metering.irregular.cases.model import Case, CaseId, Closing, Entry, Photo, State
from gridhall.metering.irregular.cases.schemas import second
from gridhall.metering.irregular.model import Evidence

SCHEMA: Final = 2

ONE_UNDER_WAY = Index("point", name="one_case_under_way", unique=True, only={"underWay": True})
"""Keeps a point from having two cases under way, and serves `under_way` and `concerning`."""

QUIETED = Index("point", "quietUntil", name="quieted_point", only={"quietUntil": {"$type": "date"}})
"""Serves `concerning`: which signals were dismissed at a point lately. A query must say the type too."""

WORST_FIRST = Index("region", "state", "units", "-score", "-_id", name="worst_first_by_unit")
"""Serves `page`: the list of a region's units."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are listed.

    units: of the organisation, with those below; '' is the whole region. states: none for all. due_by: only those that
    have to be done by this day.
    """

    region: str
    units: tuple[str, ...] = ("",)
    states: tuple[State, ...] = ()
    owner: str | None = None
    district: str | None = None
    due_by: date | None = None


class CaseRepository:
    """Cases of irregular use. Shard key: point_id."""

    collection_name = "irregular_cases"
    indexes: ClassVar[tuple[Index, ...]] = (ONE_UNDER_WAY, QUIETED, WORST_FIRST)
    migrations: ClassVar[tuple[SchemaStep, ...]] = (SchemaStep("irregular_cases", of=1, change=second),)

    def __init__(self, mongo: Mongo) -> None:
        self._cases = mongo[self.collection_name]

    async def load(self, ids: Collection[CaseId]) -> dict[CaseId, Case]:
        """Return those of the cases that exist, by id."""
        return {document["_id"]: _to_case(document) async for document in self._cases.find({"_id": {"$in": list(ids)}})}

    async def concerning(
        self, point_ids: Collection[UUID], *, at: datetime
    ) -> tuple[dict[UUID, Case], dict[UUID, frozenset[str]]]:
        """Return by point the case that is under way, and the signals that are quiet there at an instant.

        In one round trip: both are few.
        """
        points: dict[str, Any] = {"$in": list(point_ids)}
        quieted = {"point": points, "quietUntil": {"$gt": at, "$type": "date"}}
        query = {"$or": [{"point": points, "underWay": True}, quieted]}
        under_way: dict[UUID, Case] = {}
        quiet: dict[UUID, frozenset[str]] = {}
        async for document in self._cases.find(query):
            case = _to_case(document)
            if case.under_way:
                under_way[case.point_id] = case
            else:
                signals = frozenset(one.signal for one in case.evidence)
                quiet[case.point_id] = quiet.get(case.point_id, frozenset()) | signals
        return under_way, quiet

    async def under_way(self, point_ids: Collection[UUID]) -> set[UUID]:
        """Return those of the points at which a case is under way."""
        query = {"point": {"$in": list(point_ids)}, "underWay": True}
        return {document["point"] async for document in self._cases.find(query, ["point"])}

    async def put(self, cases: Sequence[Case]) -> int:
        """Write cases of which each is one revision further than what is kept; return how many were.

        Those that came too late, because a person or another scan was faster, are left out.
        """
        writes: list[Write] = [
            InsertOne(_from_case(case))
            if case.revision == 1
            else ReplaceOne({"_id": case.id, "revision": case.revision - 1}, _from_case(case), upsert=True)
            for case in cases
        ]
        return len(cases) - len(await put_all(self._cases, writes, [case.id for case in cases]))

    async def replace(self, case: Case, *, transaction: Transaction | None = None) -> bool:
        """Write the next revision of a case; False where it is of another revision by now."""
        result = await self._cases.replace_one(
            {"_id": case.id, "revision": case.revision - 1}, _from_case(case), session=session_of(transaction)
        )
        return result.matched_count == 1

    async def page(self, wanted: CaseFilter, *, after: tuple[float, UUID] | None, limit: int) -> list[Case]:
        """Return cases, the highest score first, from behind a place in this order."""
        query: Document = {"region": wanted.region, "units": {"$in": list(wanted.units)}}
        query["state"] = {"$in": [str(state) for state in wanted.states or State]}
        if wanted.owner is not None:
            query["owner"] = wanted.owner
        if wanted.district is not None:
            query["district"] = wanted.district
        if wanted.due_by is not None:
            query["dueOn"] = {"$lte": wanted.due_by.isoformat()}
        query |= beyond("score", after, falling=True)
        found = self._cases.find(query).sort([("score", -1), ("_id", -1)]).limit(limit)
        return [_to_case(document) async for document in found]


def _from_case(case: Case) -> Document:
    return {
        "_id": case.id,
        "schema": SCHEMA,
        "revision": case.revision,
        "point": case.point_id,
        "region": case.region,
        "orgPath": case.org_path,
        "units": units_above(case.org_path),
        "district": case.district,
        "class": case.supply_class,
        "state": str(case.state),
        "underWay": case.under_way,
        "score": case.score,
        "from": case.days.start.isoformat(),
        "to": case.days.end.isoformat(),
        "openedAt": case.opened_at,
        "changedAt": case.changed_at,
        "dueOn": case.due_on.isoformat(),
        "owner": case.owner,
        "inspector": case.inspector,
        "closing": case.closing and str(case.closing),
        "quietUntil": case.quiet_until,
        "evidence": [
            {
                "signal": one.signal,
                "added": one.added,
                "numbers": dict(one.numbers),
                "since": one.since and one.since.isoformat(),
                "firstSeen": one.first_seen.isoformat(),
                "lastSeen": one.last_seen.isoformat(),
            }
            for one in case.evidence
        ],
        "photos": [{"id": one.id, "by": one.by, "at": one.at, "note": one.note} for one in case.photos],
        "history": [{"at": one.at, "by": one.by, "what": str(one.what), "note": one.note} for one in case.history],
    }


def _to_case(document: Document) -> Case:
    if document["schema"] == 1:
        document = second(document)
    return Case(
        id=document["_id"],
        revision=document["revision"],
        point_id=document["point"],
        region=document["region"],
        org_path=document["orgPath"],
        district=document["district"],
        supply_class=document["class"],
        state=State(document["state"]),
        score=document["score"],
        days=Days(date.fromisoformat(document["from"]), date.fromisoformat(document["to"])),
        opened_at=document["openedAt"],
        changed_at=document["changedAt"],
        due_on=date.fromisoformat(document["dueOn"]),
        owner=document["owner"],
        inspector=document["inspector"],
        closing=Closing(document["closing"]) if document["closing"] else None,
        quiet_until=document["quietUntil"],
        evidence=tuple(_to_evidence(one) for one in document["evidence"]),
        photos=tuple(Photo(**one) for one in document["photos"]),
        history=tuple(Entry(**one) for one in document["history"]),
    )


def _to_evidence(one: Document) -> Evidence:
    return Evidence(
        signal=one["signal"],
        added=one["added"],
        numbers=one["numbers"],
        since=date.fromisoformat(one["since"]) if one["since"] else None,
        first_seen=date.fromisoformat(one["firstSeen"]),
        last_seen=date.fromisoformat(one["lastSeen"]),
    )
