"""`gridhall rounds`: reading routes, worklists, silent meters and rates."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, listing, refuse, report
from gridhall.kit.localdays import Month
from gridhall.metering.exchanges import cli as exchange
from gridhall.metering.rounds.making import make_due, make_worklist
from gridhall.metering.rounds.marking import close_due
from gridhall.metering.rounds.model import BadRouteError, Entry, Route, Worklist
from gridhall.metering.rounds.queries import Rate, rates
from gridhall.metering.rounds.routes_file import BadRoutesFileError, read_routes
from gridhall.metering.rounds.silent import list_silent
from gridhall.metering.services import open_metering

_AT_ONCE = 500
_RATES_AT_ONCE = 10_000
"""Each page sums the whole month, so the pages are large."""

app = typer.Typer(name="rounds", help="Readings taken by people: routes, worklists, rates.", no_args_is_help=True)
routes_app = typer.Typer(name="routes", help="Reading routes (抄表段).", no_args_is_help=True)
list_app = typer.Typer(name="worklist", help="Worklists (抄表计划).", no_args_is_help=True)
app.add_typer(routes_app)
app.add_typer(list_app)
app.command("exchange")(exchange.exchange)

Region = Annotated[str, typer.Option(help="Code of the region.")]


@routes_app.command("import")
def import_routes(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A row a point (CSV).")],
) -> None:
    """Write routes from a file; one that exists takes the new state."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            routes = read_routes(lines)
    except (BadRoutesFileError, BadRouteError) as error:
        raise refuse(f"{file.name}: {error}") from None
    except UnicodeDecodeError:
        raise refuse(f"{file.name}: must be UTF-8") from None
    unknown = asyncio.run(_import(routes))
    if unknown:
        raise refuse(f"{file.name}: {len(unknown)} points are not registered, the first is {unknown[0]}")
    report({"routes": len(routes), "points": sum(len(route.points) for route in routes)}, json=False, title=file.name)


@routes_app.command("list")
def list_routes(region: Region, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag of the command line
    """List the routes of a region."""
    columns = ("id", "name", "unit", "day", "cycle", "points")
    listing(f"Routes of {region}", columns, asyncio.run(_routes(region)), json=as_json)


@list_app.command("make")
def make(
    route: Annotated[str, typer.Argument(help="Id of the route, like zhejiang/R1.")],
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The reading day.")],
) -> None:
    """Make the list of a route for a day; one that is there stays as it is."""
    made = asyncio.run(_make(route, day))
    if made is None:
        raise refuse(f"route: there is no route {route}")
    worklist, entries = made
    report({"list": worklist.id, "entries": len(entries), "version": worklist.version}, json=False, title="Made")


@list_app.command("show")
def show(
    worklist: Annotated[str, typer.Argument(help="Id of the list, like zhejiang/R1@2026-11-01.")],
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Show a list in walking order."""
    found = asyncio.run(_show(worklist))
    if found is None:
        raise refuse(f"list: there is no list {worklist}")
    rows = [
        (one.position, str(one.point_id), one.expected.meter, str(one.state), len(one.asks), len(one.marks))
        for one in found
    ]
    columns = ("position", "point", "meter", "state", "asked", "marks")
    listing(worklist, columns, rows, json=as_json)


@list_app.command("due")
def due() -> None:
    """Make the lists of today and tomorrow, and close those whose time is over; what the nightly job does."""
    made, closed = asyncio.run(_due())
    report({"made": made, "closed": closed}, json=False, title="Worklists")


@app.command("silent")
def silent(region: Region) -> None:
    """Put smart meters that fell silent on lists of today."""
    report({"listed": asyncio.run(_silent(region))}, json=False, title=f"Silent meters of {region}")


@app.command("rates")
def show_rates(
    region: Region,
    month: Annotated[str, typer.Option(help="Like 2026-11.")],
    org_path: Annotated[str, typer.Option(help="Only this unit and those below it.")] = "",
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Show the rates of a month, a route and person."""
    try:
        wanted = Month.parse(month)
    except ValueError as error:
        raise refuse(f"--month: {error}") from None
    found = asyncio.run(_rates(region, org_path, wanted))
    columns = ("route", "person", "planned", "read", "reading", "first right", "re-read", "no access")
    rows = [_rate_row(one) for one in found]
    listing(f"Rates of {region}, {wanted}", columns, rows, json=as_json)


def _rate_row(rate: Rate) -> tuple[object, ...]:
    tally = rate.tally
    shares = (tally.reading_rate, tally.first_right_rate, tally.reread_rate, tally.no_access_rate)
    shown = ("" if share is None else f"{share:.2%}" for share in shares)
    return rate.route, rate.person, tally.planned, tally.read, *shown


async def _import(routes: list[Route]) -> list[str]:
    async with open_metering() as metering:
        for route in routes:
            known = await metering.points.by_ids(route.points)
            if unknown := [str(one) for one in route.points if one not in known]:
                return unknown
        await metering.rounds.routes.put(routes)
    return []


async def _routes(region: str) -> list[tuple[object, ...]]:
    """Return a row a route; of their thousands of points only the number is kept."""
    rows: list[tuple[object, ...]] = []
    async with open_metering() as metering:
        after = ""
        while found := await metering.rounds.routes.page(region=region, after=after, limit=_AT_ONCE):
            rows += [(one.id, one.name, one.org_path, one.day, str(one.cycle), len(one.points)) for one in found]
            after = found[-1].id
    return rows


async def _make(route_id: str, day: datetime) -> tuple[Worklist, list[Entry]] | None:
    async with open_metering() as metering:
        rounds = metering.rounds
        route = (await rounds.routes.load([route_id])).get(route_id)
        if route is None:
            return None
        worklist = await make_worklist(route=route, day=day.date(), rounds=rounds, now=SystemClock().now())
        return worklist, await rounds.entries.all_of(worklist.id)


async def _show(worklist_id: str) -> list[Entry] | None:
    async with open_metering() as metering:
        if await metering.rounds.lists.load(worklist_id) is None:
            return None
        return await metering.rounds.entries.all_of(worklist_id)


async def _due() -> tuple[int, int]:
    async with open_metering() as metering:
        now = SystemClock().now()
        return await make_due(rounds=metering.rounds, now=now), await close_due(rounds=metering.rounds, now=now)


async def _silent(region: str) -> int:
    async with open_metering() as metering:
        return await list_silent(region=region, rounds=metering.rounds, now=SystemClock().now())


async def _rates(region: str, org_path: str, month: Month) -> list[Rate]:
    async with open_metering() as metering:
        rounds, units, shown = metering.rounds, (org_path,), list[Rate]()
        while found := await rates(
            rounds=rounds,
            region=region,
            units=units,
            month=month,
            after=shown[-1].key if shown else None,
            limit=_RATES_AT_ONCE,
        ):
            shown += found
    return shown
