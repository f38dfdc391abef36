"""Register reads as documents. What a remote read does not say takes no room."""

from typing import Final

from gridhall.kit.mongo import Document
from gridhall.metering.histories.keys import channel_of, day_of, point_of
from gridhall.metering.registers.model import RegisterDay, RegisterRead
from gridhall.metering.registers.origin import REMOTE, How, Origin, Position

SCHEMA: Final = 2
"""Reads of schema 1 are all remote and stand alone."""


def from_day(day: RegisterDay) -> Document:
    """Return the document of a midnight."""
    document: Document = {
        "_id": day.key,
        "schema": SCHEMA,
        "r": day.revision,
        "asOf": day.as_of,
        "reads": [_from_read(read) for read in day.reads],
    }
    return document | {"beside": [_from_read(read) for read in day.beside]} if day.beside else document


def to_day(document: Document) -> RegisterDay:
    """Return the midnight of a document."""
    key: bytes = document["_id"]
    return RegisterDay(
        key=key,
        revision=document["r"],
        reads=tuple(_to_read(key, read) for read in document["reads"]),
        as_of=document["asOf"],
        beside=tuple(_to_read(key, read) for read in document.get("beside", ())),
    )


def from_position(position: Position | None) -> Document | None:
    """Return a position as it is kept."""
    if position is None:
        return None
    return {"lat": position.lat, "lon": position.lon, "accuracy": position.accuracy_m}


def to_position(document: Document | None) -> Position | None:
    """Return a kept position."""
    return Position(document["lat"], document["lon"], document["accuracy"]) if document else None


def _from_read(read: RegisterRead) -> Document:
    document: Document = {
        "meter": read.meter,
        "at": read.at,
        "scale": read.scale,
        "quality": read.quality,
        "multiplier": read.multiplier,
        "closing": read.closing,
        "values": dict(read.values),
    }
    if read.versions:
        document["versions"] = dict(read.versions)
    return document if read.origin == REMOTE else document | {"origin": _from_origin(read.origin)}


def _to_read(key: bytes, read: Document) -> RegisterRead:
    return RegisterRead(
        point_id=point_of(key),
        channel=channel_of(key),
        meter=read["meter"],
        day=day_of(key),
        at=read["at"],
        values=read["values"],
        scale=read["scale"],
        quality=read["quality"],
        multiplier=read["multiplier"],
        closing=read["closing"],
        origin=_to_origin(read["origin"]) if "origin" in read else REMOTE,
        versions=read.get("versions", {}),
    )


def _from_origin(origin: Origin) -> Document:
    return {
        "how": origin.how,
        "id": origin.id,
        "by": origin.by,
        "takenAt": origin.taken_at,
        "photos": list(origin.photos),
        "position": from_position(origin.position),
        "asked": origin.asked,
        "assigned": origin.assigned,
        "confirmed": origin.confirmed,
    }


def _to_origin(document: Document) -> Origin:
    return Origin(
        how=How(document["how"]),
        id=document["id"],
        by=document["by"],
        taken_at=document["takenAt"],
        photos=tuple(document["photos"]),
        position=to_position(document["position"]),
        asked=document["asked"],
        assigned=document["assigned"],
        confirmed=document["confirmed"],
    )
