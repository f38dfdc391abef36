"""Silent meters: points whose meter should send register reads and does not go onto a list (补抄)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from gridhall.kit.localdays import local_day
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key, point_of
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.rounds.changing import change_entries
from gridhall.metering.rounds.expecting import Place, places_of
from gridhall.metering.rounds.making import list_places
from gridhall.metering.rounds.model import Entry, Kind
from gridhall.metering.rounds.stores import Rounds

_AT_ONCE: Final = 500
_WALKS: Final = 20


async def list_silent(*, region: str, rounds: Rounds, now: datetime) -> int:
    """Walk all points of a region; put those that fell silent on lists of today, and return how many."""
    found, after = await list_silent_from(region=region, after=None, rounds=rounds, now=now)
    while after:
        more, after = await list_silent_from(region=region, after=after, rounds=rounds, now=now)
        found += more
    return found


async def list_silent_from(
    *, region: str, after: UUID | None, rounds: Rounds, now: datetime
) -> tuple[int, UUID | None]:
    """Walk the next 10,000 points; return how many were listed and where to go on, None at the end.

    A list is of a route, or of a unit for points on no route, and holds what was found among 500 points, so that
    memory stays bounded. A point to which somebody was sent already is left alone; one that sends again is done.
    """
    today, found = local_day(now, rounds.zone), 0
    for _ in range(_WALKS):
        points = await rounds.points.page(region=region, after=after, limit=_AT_ONCE)
        if not points:
            return found, None
        found += await _list_some(points, today=today, rounds=rounds, now=now)
        after = points[-1].id
    return found, after


async def _list_some(points: Sequence[ServicePoint], *, today: date, rounds: Rounds, now: datetime) -> int:
    places = await places_of(points=points, day=today, rounds=rounds)
    silent = await _silent(places, today, rounds)
    waiting = await rounds.entries.silent_of([point.id for point in points])
    await _speak_again([one for one in waiting if one.point_id not in silent], rounds)
    sent = {one.point_id for one in waiting}
    fresh = {place.point.id: place for place in places if place.point.id in silent and place.point.id not in sent}
    code = f"silent-{points[0].id.hex[-8:]}"
    await list_places(places=list(fresh.values()), kind=Kind.SILENT, code=code, day=today, rounds=rounds, now=now)
    return len(fresh)


async def _silent(places: Sequence[Place], today: date, rounds: Rounds) -> set[UUID]:
    """Return the points whose meter has hung for long enough and sent no register for so many days.

    Sum meters of transformer districts are left out: no bill waits for their registers, and the checks of their curve
    tell when they fall silent.
    """
    first = today - timedelta(days=rounds.silent_days - 1)
    asked = [
        place.point.id
        for place in places
        if place.meter.remote and place.link.from_day < first and place.point.supply_class != "district"
    ]
    days = [first + timedelta(days=offset) for offset in range(rounds.silent_days)]
    spoke = await rounds.registers.present([day_key(one, IMPORT_KWH, day) for one in asked for day in days])
    return set(asked) - {point_of(key) for key in spoke}


async def _speak_again(entries: Sequence[Entry], rounds: Rounds) -> None:
    by_list: dict[str, set[str]] = {}
    for entry in entries:
        by_list.setdefault(entry.worklist, set()).add(entry.id)
    for list_id, ids in by_list.items():
        await change_entries(
            worklist_id=list_id,
            entry_ids=ids,
            rounds=rounds,
            change=lambda entry: replace(entry, spoke_again=True, closed=True),
        )
