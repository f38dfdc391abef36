"""Routes, worklists, entries and hand reads as documents."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from gridhall.kit.mongo import Document
from gridhall.metering.registers.documents import from_position, to_position
from gridhall.metering.rounds.model import (
    Ask,
    Bounds,
    Cycle,
    Entry,
    Expected,
    Kind,
    LastRead,
    Mark,
    Obstacle,
    Route,
    State,
    Worklist,
)
from gridhall.metering.rounds.plausibility import Doubt, Finding
from gridhall.metering.rounds.reads import HandRead, JudgedRead, Verdict

SCHEMA: Final = 1


def from_route(route: Route) -> Document:
    """Return the document of a route."""
    return {
        "_id": route.id,
        "schema": SCHEMA,
        "code": route.code,
        "name": route.name,
        "region": route.region,
        "orgPath": route.org_path,
        "points": list(route.points),
        "day": route.day,
        "cycle": route.cycle,
        "reader": route.reader,
    }


def to_route(document: Document) -> Route:
    """Return the route of a document."""
    return Route(
        code=document["code"],
        name=document["name"],
        region=document["region"],
        org_path=document["orgPath"],
        points=tuple(document["points"]),
        day=document["day"],
        cycle=Cycle(document["cycle"]),
        reader=document["reader"],
    )


def from_worklist(worklist: Worklist) -> Document:
    """Return the document of a worklist, without its tallies."""
    return {
        "_id": worklist.id,
        "schema": SCHEMA,
        "kind": worklist.kind,
        "region": worklist.region,
        "orgPath": worklist.org_path,
        "day": worklist.day.isoformat(),
        "madeAt": worklist.made_at,
        "route": worklist.route,
        "reader": worklist.reader,
        "version": worklist.version,
        "closed": worklist.closed,
        "tallies": [],
    }


def to_worklist(document: Document) -> Worklist:
    """Return the worklist of a document."""
    return Worklist(
        id=document["_id"],
        kind=Kind(document["kind"]),
        region=document["region"],
        org_path=document["orgPath"],
        day=date.fromisoformat(document["day"]),
        made_at=document["madeAt"],
        route=document["route"],
        reader=document["reader"],
        version=document["version"],
        closed=document["closed"],
    )


def from_entry(entry: Entry) -> Document:
    """Return the document of an entry."""
    return {
        "_id": entry.id,
        "schema": SCHEMA,
        "r": entry.revision,
        "list": entry.worklist,
        "point": entry.point_id,
        "position": entry.position,
        "kind": entry.kind,
        "region": entry.region,
        "orgPath": entry.org_path,
        "zone": entry.zone,
        "day": entry.day.isoformat(),
        "readDay": entry.read_day,
        "expected": from_expected(entry.expected),
        "reader": entry.reader,
        "state": entry.state,
        "asks": [{"at": ask.at, "by": ask.by, "reason": ask.reason} for ask in entry.asks],
        "marks": [
            {
                "id": mark.id,
                "by": mark.by,
                "at": mark.at,
                "obstacle": mark.obstacle,
                "note": mark.note,
                "photos": list(mark.photos),
            }
            for mark in entry.marks
        ],
        "stands": entry.stands,
        "firstRight": entry.first_right,
        "person": entry.person,
        "spokeAgain": entry.spoke_again,
        "hadImpossible": entry.had_impossible,
        "closed": entry.closed,
    }


def to_entry(document: Document) -> Entry:
    """Return the entry of a document."""
    return Entry(
        worklist=document["list"],
        point_id=document["point"],
        position=document["position"],
        kind=Kind(document["kind"]),
        region=document["region"],
        org_path=document["orgPath"],
        zone=document["zone"],
        day=date.fromisoformat(document["day"]),
        read_day=document["readDay"],
        expected=to_expected(document["expected"]),
        reader=document["reader"],
        state=State(document["state"]),
        asks=tuple(Ask(ask["at"], ask["by"], ask["reason"]) for ask in document["asks"]),
        marks=tuple(
            Mark(
                id=mark["id"],
                by=mark["by"],
                at=mark["at"],
                obstacle=Obstacle(mark["obstacle"]),
                note=mark["note"],
                photos=tuple(mark["photos"]),
            )
            for mark in document["marks"]
        ),
        stands=document["stands"],
        first_right=document["firstRight"],
        person=document["person"],
        spoke_again=document["spokeAgain"],
        had_impossible=document["hadImpossible"],
        closed=document["closed"],
        revision=document["r"],
    )


def from_judged(judged: JudgedRead) -> Document:
    """Return the document of a read."""
    read = judged.read
    return {
        "_id": read.id,
        "schema": SCHEMA,
        "list": read.worklist,
        "point": read.point_id,
        "meter": read.meter,
        "shown": dict(read.values),
        "takenAt": read.taken_at,
        "by": read.by,
        "position": from_position(read.position),
        "photos": list(read.photos),
        "confirmed": read.confirmed,
        "verdict": judged.verdict,
        "findings": from_findings(judged.findings),
        "counts": dict(judged.counts),
        "day": judged.day.isoformat(),
        "asked": judged.asked,
        "assigned": judged.assigned,
        "broughtAt": judged.brought_at,
    }


def to_judged(document: Document) -> JudgedRead:
    """Return the read of a document."""
    return JudgedRead(
        read=HandRead(
            id=document["_id"],
            worklist=document["list"],
            point_id=document["point"],
            meter=document["meter"],
            values=document["shown"],
            taken_at=document["takenAt"],
            by=document["by"],
            position=to_position(document["position"]),
            photos=tuple(document["photos"]),
            confirmed=document["confirmed"],
        ),
        verdict=Verdict(document["verdict"]),
        findings=to_findings(document["findings"]),
        counts=document["counts"],
        day=date.fromisoformat(document["day"]),
        asked=document["asked"],
        assigned=document["assigned"],
        brought_at=document["broughtAt"],
    )


def from_findings(findings: Iterable[Finding]) -> list[Document]:
    """Return what stands against a read as it is kept."""
    return [{"doubt": one.doubt, "register": one.register} for one in findings]


def to_findings(documents: Iterable[Document]) -> tuple[Finding, ...]:
    """Return what was kept as standing against a read."""
    return tuple(Finding(Doubt(one["doubt"]), one["register"]) for one in documents)


def from_expected(expected: Expected) -> Document:
    """Return what is expected as it is kept."""
    last = expected.last
    return {
        "meter": expected.meter,
        "multiplier": expected.multiplier,
        "scale": expected.scale,
        "digits": expected.digits,
        "registers": list(expected.registers),
        "last": {"at": last.at, "values": dict(last.values)} if last else None,
        "bounds": {name: [one.least, one.most, one.possible, one.from_past] for name, one in expected.bounds.items()},
        "place": list(expected.place) if expected.place else None,
    }


def to_expected(document: Document) -> Expected:
    """Return what was kept as expected."""
    last, place = document["last"], document["place"]
    return Expected(
        meter=document["meter"],
        multiplier=document["multiplier"],
        scale=document["scale"],
        digits=document["digits"],
        registers=tuple(document["registers"]),
        last=LastRead(last["at"], last["values"]) if last else None,
        bounds={name: Bounds(*one) for name, one in document["bounds"].items()},
        place=(place[0], place[1]) if place else None,
    )
