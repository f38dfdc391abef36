"""`gridhall retention`: what is past its time, archived or deleted, and brought back."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, print_json, refuse, report, table
from gridhall.kit.localdays import local_day
from gridhall.kit.settings import settings
from gridhall.metering.retention.archive import read_file
from gridhall.metering.retention.model import Counts
from gridhall.metering.retention.operations import ArchiveDiffersError, plan, restore, run_page
from gridhall.metering.retention.rows import BadArchiveError
from gridhall.metering.services import open_metering

app = typer.Typer(
    name="retention", help="Interval detail past its time: archived or deleted; totals stay.", no_args_is_help=True
)

Region = Annotated[list[str], typer.Option(help="Region; may be given several times.")]


@app.command("plan")
def show_plan(
    region: Region,
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Count what a run would archive or delete now, and change nothing."""
    _show(asyncio.run(_plan(region)), as_json=as_json, title="A run would take")


@app.command("run")
def run(
    region: Region,
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Archive or delete what is past its time. Broken off, it goes on where it was; done, it does nothing."""
    try:
        counts = asyncio.run(_run(region))
    except ArchiveDiffersError as error:
        raise refuse(str(error)) from None
    _show(counts, as_json=as_json, title="Taken")


@app.command("restore")
def bring_back(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, readable=True, help="Files of the archive.")
    ],
    days: Annotated[int, typer.Option(min=1, max=366, help="How long they stay before they are archived again.")] = 30,
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Bring archived days back as they were. `gridhall feed import --restored` then takes corrections of them."""
    try:
        came = asyncio.run(_restore(files, days))
    except BadArchiveError as error:
        raise refuse(str(error)) from None
    report({"files": len(files), "days": came}, json=as_json, title="Brought back")


@app.command("check")
def check(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, readable=True, help="Files of the archive.")
    ],
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Read archive files to their end and count their days; a damaged one is named."""
    try:
        found = sum(not older for file in files for _, older in read_file(file)[1])
    except BadArchiveError as error:
        raise refuse(str(error)) from None
    report({"files": len(files), "days": found}, json=as_json, title="Whole")


def _show(counts: dict[str, Counts], *, as_json: bool, title: str) -> None:
    if as_json:
        print_json({region: asdict(one) for region, one in counts.items()})
    else:
        names = ("points", "days", "revisions", "held", "files", "findings")
        table(title, ("region", *names), [(region, *asdict(one).values()) for region, one in counts.items()])


async def _plan(regions: Sequence[str]) -> dict[str, Counts]:
    async with open_metering() as metering:
        return {one: await plan(retention=metering.retention, region=one, today=_today()) for one in regions}


async def _run(regions: Sequence[str]) -> dict[str, Counts]:
    found = {region: Counts() for region in regions}
    async with open_metering() as metering:
        for region in regions:
            while page := await run_page(retention=metering.retention, region=region, today=_today()):
                found[region] += page
    return found


async def _restore(files: Sequence[Path], days: int) -> int:
    came = 0
    async with open_metering() as metering:
        for file in files:
            _, _, count = await restore(file=file, detail=metering.retention.detail, keep_days=days, today=_today())
            came += count
    return came


def _today() -> date:
    return local_day(SystemClock().now(), settings().time_zone)
