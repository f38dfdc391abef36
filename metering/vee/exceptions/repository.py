"""Exceptions in MongoDB."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from pymongo import InsertOne, ReplaceOne

from gridhall.kit.keyset import beyond
from gridhall.kit.migrations import SchemaStep
from gridhall.kit.mongo import Document, Index, Mongo, Write, put_all
from gridhall.kit.units import units_above
from gridhall.metering.histories.keys import channel_of, day_of, point_of
from gridhall.metering.schemas import with_units
from gridhall.metering.vee.exceptions.model import DayException, ExceptionState, Step
from gridhall.metering.vee.model import Severity

SCHEMA: Final = 2

BY_UNIT = Index("region", "state", "units", "due", "_id", name="by_unit")
"""Serves `page`: the agents' list of units by state, what is due first on top, filtered by check on the way."""

Position = tuple[date, bytes]
"""A place in the list: the day on which an exception is due, and its key."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the list is asked for.

    units: of the organisation, with those below; '' is the whole region. code: of a check that failed, None for any.
    """

    region: str
    units: tuple[str, ...] = ("",)
    state: ExceptionState = ExceptionState.OPEN
    code: str | None = None


class ExceptionRepository:
    """Exceptions, one a day and channel of a point. Shard key: `_id`, which begins with the point."""

    collection_name = "usage_exceptions"
    indexes: ClassVar[tuple[Index, ...]] = (BY_UNIT,)
    migrations: ClassVar[tuple[SchemaStep, ...]] = (SchemaStep("usage_exceptions", of=1, change=with_units),)

    def __init__(self, mongo: Mongo) -> None:
        self._exceptions = mongo[self.collection_name]

    async def load(self, keys: Collection[bytes]) -> dict[bytes, DayException]:
        """Return those that exist, by key, in one round trip."""
        found = self._exceptions.find({"_id": {"$in": list(keys)}})
        return {document["_id"]: _unpack(document) async for document in found}

    async def put(self, exceptions: Sequence[DayException]) -> set[bytes]:
        """Write exceptions whose version is one more than what is kept; return the keys of those that came too late."""
        writes: list[Write] = [
            InsertOne(_pack(one))
            if one.version == 1
            else ReplaceOne({"_id": one.key, "version": one.version - 1}, _pack(one), upsert=True)
            for one in exceptions
        ]
        return await put_all(self._exceptions, writes, [one.key for one in exceptions])

    async def page(self, wanted: Wanted, *, after: Position | None, limit: int) -> list[DayException]:
        """Return a page of the list, what is due first on top."""
        query: Document = {"region": wanted.region, "state": wanted.state, "units": {"$in": list(wanted.units)}}
        if wanted.code is not None:
            query["codes"] = wanted.code
        query |= beyond("due", after)
        cursor = self._exceptions.find(query).sort([("due", 1), ("_id", 1)]).limit(limit)
        return [_unpack(document) async for document in cursor]


def _pack(one: DayException) -> Document:
    return {
        "_id": one.key,
        "schema": SCHEMA,
        "version": one.version,
        "region": one.region,
        "orgPath": one.org_path,
        "units": units_above(one.org_path),
        "class": one.supply_class,
        "meter": one.meter,
        "codes": list(one.codes),
        "severity": one.severity,
        "state": one.state,
        "openedAt": one.opened_at,
        "due": one.due_on.isoformat(),
        "owner": one.owner,
        "accepted": sorted(one.accepted),
        "steps": [{"at": step.at, "by": step.by, "state": step.state, "reason": step.reason} for step in one.steps],
    }


def _unpack(document: Document) -> DayException:
    key = document["_id"]
    return DayException(
        key=key,
        point_id=point_of(key),
        channel=channel_of(key),
        day=day_of(key),
        region=document["region"],
        org_path=document["orgPath"],
        supply_class=document["class"],
        meter=document["meter"],
        codes=tuple(document["codes"]),
        severity=Severity(document["severity"]),
        state=ExceptionState(document["state"]),
        opened_at=document["openedAt"],
        due_on=date.fromisoformat(document["due"]),
        owner=document["owner"],
        accepted=frozenset(document["accepted"]),
        steps=tuple(
            Step(step["at"], step["by"], ExceptionState(step["state"]), step["reason"]) for step in document["steps"]
        ),
        version=document["version"],
    )
