"""Making worklists (抄表计划): of routes whose day comes, and of meters that fell silent."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from gridhall.kit.localdays import Month, local_day
from gridhall.metering.rounds.expecting import Place, expected_at, places_of
from gridhall.metering.rounds.model import Ask, Entry, Kind, Route, State, Worklist
from gridhall.metering.rounds.stores import Rounds
from gridhall.metering.rounds.tallying import refresh

_ROUTES_AT_ONCE: Final = 50
_AHEAD: Final = (0, 1)
"""Days from today on for which lists are made: a phone takes tomorrow's along in the evening."""

_NONE_ASKED: Final[Mapping[UUID, Ask]] = MappingProxyType({})


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


async def list_places(
    *,
    places: Sequence[Place],
    kind: Kind,
    code: str,
    day: date,
    rounds: Rounds,
    now: datetime,
    asks: Mapping[UUID, Ask] = _NONE_ASKED,
) -> None:
    """Put places on lists outside the schedule: of the route on which each lies, or of its unit. Idempotent."""
    routes = await rounds.routes.of_points([place.point.id for place in places])
    groups: dict[tuple[str, str, str], list[Place]] = {}
    for place in places:
        route = routes.get(place.point.id)
        key = (place.point.region, route.org_path if route else place.point.org_path, route.code if route else "")
        groups.setdefault(key, []).append(place)
    for (region, org_path, route_code), some in groups.items():
        route = routes[some[0].point.id] if route_code else None
        worklist = Worklist(
            id=worklist_id(region=region, code=f"{code}-{route_code or org_path}", day=day),
            kind=kind,
            region=region,
            org_path=org_path,
            day=day,
            made_at=now,
            route=route.id if route else None,
            reader=route.reader if route else None,
        )
        read_day = route.day if route else rounds.usual_day
        await fill(worklist=worklist, places=some, read_day=read_day, rounds=rounds, asks=asks)


async def fill(
    *,
    worklist: Worklist,
    places: Sequence[Place],
    read_day: int,
    rounds: Rounds,
    asks: Mapping[UUID, Ask] = _NONE_ASKED,
) -> Worklist:
    """Write a list with an entry a place, the entries first, so that a list that is there is whole.

    To one that is there already the places are added behind the others. asks: why a point is read again, if it is.
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
            asks=(asks[place.point.id],) if place.point.id in asks else (),
            state=State.REREAD if place.point.id in asks else State.OPEN,
        )
        for position, (place, one) in enumerate(zip(places, expected, strict=True), start=there + 1)
    ]
    await rounds.entries.add(entries)
    await rounds.lists.add(worklist)
    return await refresh(worklist_id=worklist.id, rounds=rounds) or worklist
