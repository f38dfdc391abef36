"""`gridhall vee`: run the checks of readings, look at what they said of a day."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Annotated

import typer
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, errors, listing, print_json, refuse, report, table
from gridhall.kit.localdays import Days, local_day
from gridhall.kit.settings import settings
from gridhall.metering.channels import CHANNELS, IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.services import open_metering
from gridhall.metering.vee.exceptions.model import DayException
from gridhall.metering.vee.exceptions.repository import Wanted
from gridhall.metering.vee.model import JudgedDay
from gridhall.metering.vee.queries import checks_of
from gridhall.metering.vee.running import CHUNK, VeeReport, run_chunk

app = typer.Typer(no_args_is_help=True, help="Validate and estimate readings (VEE).")

_SHOWN = 100


@app.command()
def run(
    *,
    region: Annotated[str, typer.Option(help="The region whose points are checked.")],
    days: Annotated[int, typer.Option(min=1, max=3700, help="How many days back, yesterday being the last.")] = 10,
    again: Annotated[bool, typer.Option(help="Judge days anew that did not change, after thresholds changed.")] = False,
    json: AsJson = False,
) -> None:
    """Judge the days that changed, estimate their gaps, open and close exceptions. Run it again at any time."""
    found = asyncio.run(_run(region, days, again=again))
    failed = dict(sorted(found.failed.items()))
    if json:
        counts = {"estimated": found.estimated, "notEstimated": found.not_estimated, "exceptions": found.exceptions}
        print_json({"judged": found.judged, "failed": failed, **counts})
        return
    report(
        {
            "judged": found.judged,
            **{f"failed {code}": times for code, times in failed.items()},
            "intervals estimated": found.estimated,
            "days not estimated": found.not_estimated,
            "exceptions changed": found.exceptions,
        },
        json=False,
        title=f"Checks of {region}",
    )


@app.command()
def show(
    meter: Annotated[str, typer.Argument(help="The number on the meter.")],
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The local day.")],
    channel: Annotated[str, typer.Option(help=f"One of {', '.join(CHANNELS)}.")] = IMPORT_KWH,
    json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Show what the checks said of a day, and the exception that it has."""
    if channel not in CHANNELS:
        raise refuse(f"--channel: {channel!r} is none of {', '.join(CHANNELS)}")
    judged, exception = asyncio.run(_show(meter, day.date(), channel))
    if judged is None:
        raise refuse(f"{meter} has not been judged on {day.date()}; `gridhall vee run` judges")
    rows = _rows(judged)
    if json:
        print_json({"day": judged.day, "checks": rows, "exception": exception and str(exception.state)})
        return
    table(f"{meter}, {judged.day}, revision {judged.stamp.day}", list(rows[0]), [list(row.values()) for row in rows])
    if exception:
        table(
            "Its exception", ("at", "by", "state", "reason"), [(s.at, s.by, s.state, s.reason) for s in exception.steps]
        )


@app.command(name="exceptions")
def list_exceptions(
    *,
    region: Annotated[str, typer.Option(help="The region.")],
    check: Annotated[str | None, typer.Option(help="Only those in which this check failed.")] = None,
    json: AsJson = False,
) -> None:
    """List open exceptions, what is due first on top, 100 at most."""
    found = asyncio.run(_exceptions(region, check))
    rows = [(str(one.due_on), str(one.day), one.meter, ", ".join(one.codes), one.owner or "") for one in found]
    listing(f"Open exceptions of {region}", ("due", "day", "meter", "checks", "owner"), rows, json=json)


async def _run(region: str, days: int, *, again: bool) -> VeeReport:
    total = VeeReport()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn())
    async with open_metering() as metering:
        now = SystemClock().now()
        today = local_day(now, settings().time_zone)
        window = Days(today - timedelta(days=days), today)
        with Progress(*columns, console=errors, transient=True) as progress:
            bar = progress.add_task(f"points of {region}", total=None)
            async for points in metering.vee.points.pages(region=region, limit=CHUNK):
                total += await run_chunk(
                    vee=metering.vee, points=points, days=window, today=today, now=now, again=again
                )
                progress.advance(bar, len(points))
    return total


async def _show(meter: str, day: date, channel: str) -> tuple[JudgedDay | None, DayException | None]:
    async with open_metering() as metering:
        known = (await metering.points.known([meter])).get(meter)
        place = known.point_on(day) if known else None
        if place is None:
            return None, None
        point_id, vee = place[0].id, metering.vee
        days = Days(day, day + timedelta(days=1))
        judged = await checks_of(point_id=point_id, days=days, checks=vee.bench.checks, channel=channel)
        key = day_key(point_id, channel, day)
        return judged.get(day), (await vee.exceptions.load([key])).get(key)


async def _exceptions(region: str, check: str | None) -> list[DayException]:
    async with open_metering() as metering:
        return await metering.vee.exceptions.page(Wanted(region, code=check), after=None, limit=_SHOWN)


def _rows(judged: JudgedDay) -> list[dict[str, str]]:
    return [
        {
            "check": one.code,
            "verdict": str(one.verdict),
            "severity": str(one.severity or ""),
            "why": one.reason or ", ".join(f"{name} {value}" for name, value in one.evidence),
        }
        for one in judged.outcomes
    ]
