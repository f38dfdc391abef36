"""Making worklists (抄表计划): of routes whose day comes, and of meters that fell silent."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from gridhall.kit.localdays import Month, local_day
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.rounds.expecting import Place, expected_at, places_of
from gridhall.metering.rounds.model import Entry, Kind, Route, Worklist
from gridhall.metering.rounds.stores import Rounds
from gridhall.metering.rounds.tallying import refresh

_ROUTES_AT_ONCE: Final = 50
_AHEAD: Final = (0, 1)
"""Days from today on for which lists are made: a phone takes tomorrow's along in the evening."""


def worklist_id(*, region: str, code: str, day: date) -> str:
    """Return the id of the list of a route on a day."""
    return f"{region}/{code}@{day.isoformat()}"


async def make_worklist(*, route: Route, day: date, rounds: Rounds, now: datetime) -> Worklist:
    """Make the list of a route for a day; one that was made before stays as it is.

    On it are the points whose meter does not send its reads itself; one that should and does not is on a list of
    silent meters. A point without a meter on that day is left out.
    """
    id_ = worklist_id(region=route.region, code=route.code, day=day)
    kept = await rounds.lists.load(id_)
    if kept:
        return kept
    points = await rounds.points.by_ids(route.points)
    places = await places_of(points=[points[one] for one in route.points if one in points], day=day, rounds=rounds)
    worklist = Worklist(
        id=id_,
        kind=Kind.SCHEDULED,
        region=route.region,
        org_path=route.org_path,
        day=day,
        made_at=now,
        route=route.id,
        reader=route.reader,
    )
    by_hand = [place for place in places if not place.meter.remote]
    return await fill(worklist=worklist, places=by_hand, read_day=route.day, rounds=rounds)


async def make_due(*, rounds: Rounds, now: datetime) -> int:
    """Make the lists of all routes that are read today or tomorrow; return how many. Again changes nothing."""
    made, today = 0, local_day(now, rounds.zone)
    for day in (today + timedelta(days=ahead) for ahead in _AHEAD):
        after = ""
        while routes := await rounds.routes.due(day=day.day, after=after, limit=_ROUTES_AT_ONCE):
            after = routes[-1].id
            for route in routes:
                if route.scheduled_in(Month.of(day)) == day:
                    await make_worklist(route=route, day=day, rounds=rounds, now=now)
                    made += 1
    return made


async def fill(*, worklist: Worklist, places: Sequence[Place], read_day: int, rounds: Rounds) -> Worklist:
    """Write a list with an entry a place, the entries first, so that a list that is there is whole.

    To one that is there already the places are added behind the others.
    """
    expected = await expected_at(places=places, day=worklist.day, read_day=read_day, rounds=rounds)
    there = len(await rounds.entries.all_of(worklist.id))
    entries = [
        Entry(
            worklist=worklist.id,
            point_id=place.point.id,
            position=position,
            kind=worklist.kind,
            region=place.point.region,
            org_path=place.point.org_path,
            zone=place.point.zone,
            day=worklist.day,
            read_day=read_day,
            expected=one,
            reader=worklist.reader,
            person=worklist.reader,
        )
        for position, (place, one) in enumerate(zip(places, expected, strict=True), start=there + 1)
    ]
    await rounds.entries.add(entries)
    await rounds.lists.add(worklist)
    return await refresh(worklist_id=worklist.id, rounds=rounds) or worklist


def by_unit(
    points: Sequence[ServicePoint], routes: dict[UUID, Route]
) -> dict[tuple[str, str, str | None], list[ServicePoint]]:
    """Sort points into the lists on which they go: of their route, or of their unit where they lie on none."""
    units: dict[tuple[str, str, str | None], list[ServicePoint]] = {}
    for point in points:
        route = routes.get(point.id)
        key = (point.region, route.org_path if route else point.org_path, route.id if route else None)
        units.setdefault(key, []).append(point)
    return units
