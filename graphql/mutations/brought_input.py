"""What the mutations of rounds share: registers, positions and instants as clients send them."""

import re
from datetime import datetime
from math import isfinite
from uuid import UUID

import strawberry

from gridhall.crm.audit.model import Action, AuditEntry
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.kit.ids import new_id
from gridhall.metering.registers.origin import Position

_MOST_REGISTERS = 12
_MOST_PHOTOS = 10
_LONGEST_NAME = 32
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}", re.ASCII)
_LONGEST_NUMBER = 24
_MOST_LAT, _MOST_LON = 90, 180


@strawberry.input(description="What a register showed: the digits as they were read, like 1361.5.")
class RegisterInput:
    """What a register showed."""

    name: str = strawberry.field(description="`total` or a code of the point's time-of-use calendar.")
    value: str


@strawberry.input(description="Where somebody stood, in degrees (WGS 84).")
class PositionInput:
    """Where somebody stood."""

    lat: float
    lon: float
    accuracy_m: float = 0.0


def registers_of(given: list[RegisterInput], *, field: str) -> dict[str, str]:
    """Return registers by name. Raises RefusedError where there are none, too many, one twice, or no names."""
    found = {one.name: one.value for one in given}
    fits = all(_NAME.fullmatch(name) and len(text) <= _LONGEST_NUMBER for name, text in found.items())
    if not 1 <= len(given) <= _MOST_REGISTERS or len(found) < len(given) or not fits:
        limits = {"field": field, "most": _MOST_REGISTERS, "longest": _LONGEST_NUMBER}
        raise RefusedError("input.bad_registers", limits)
    return found


def position_of(given: PositionInput | None) -> Position | None:
    """Return a position. Raises RefusedError where it is no place on earth."""
    if given is None:
        return None
    real = all(isfinite(one) for one in (given.lat, given.lon, given.accuracy_m))
    if not real or abs(given.lat) > _MOST_LAT or abs(given.lon) > _MOST_LON or given.accuracy_m < 0:
        raise RefusedError("input.bad_position")
    return Position(given.lat, given.lon, given.accuracy_m)


def instant_of(given: datetime, *, field: str) -> datetime:
    """Return an instant. Raises RefusedError where it does not say its offset."""
    if given.tzinfo is None:
        raise RefusedError("input.bad_time", {"field": field})
    return given


def photos_of(given: list[UUID]) -> tuple[UUID, ...]:
    """Return photos, each once. Raises RefusedError where there are too many."""
    if len(given) > _MOST_PHOTOS:
        raise RefusedError("input.bad_list", {"field": "photoIds", "most": _MOST_PHOTOS})
    return tuple(dict.fromkeys(given))


def number_of(given: str) -> str:
    """Return a meter's number without the space around it. Raises RefusedError where it is none."""
    number = given.strip()
    if not 0 < len(number) <= _LONGEST_NAME:
        raise RefusedError("input.bad_meter", {"most": _LONGEST_NAME})
    return number


async def audited(info: Info, action: Action, about: str, *, reason: str = "") -> None:
    """Write down that the agent who asks changed something: its kind and id."""
    agent, hall = info.context.agent, info.context.hall
    if agent:
        entry = AuditEntry(new_id(), hall.clock.now(), action, agent.id, agent.name, None, (about,), reason)
        await hall.people.audit.add(entry)
