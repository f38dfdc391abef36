"""`gridhall feed resplit`: split kept days by the calendars that their points have today."""

import asyncio
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import typer

from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, errors, report
from gridhall.metering.histories.resplitting import resplit
from gridhall.metering.services import open_metering

_AT_ONCE: Final = 200


def resplit_days(
    *,
    region: Annotated[str, typer.Option(help="Region whose points are gone through.")],
    since: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First local day; older ones stay as they are.")
    ],
    after: Annotated[UUID | None, typer.Option(metavar="POINT", help="Go on behind this point.")] = None,
    as_json: AsJson = False,
) -> None:
    """Split days by time of use anew, after points were given another calendar. What is done already is skipped."""
    points, days = asyncio.run(_run(region, since, after))
    report({"points": points, "days": days}, json=as_json, title="Split anew")


async def _run(region: str, since: datetime, after: UUID | None) -> tuple[int, int]:
    seen = changed = 0
    async with open_metering() as metering:
        histories = metering.stores.histories
        async for points in metering.points.pages(region=region, after=after, limit=_AT_ONCE):
            changed += await resplit(points=points, since=since.date(), histories=histories, now=SystemClock().now())
            seen += len(points)
            errors.print(f"{seen} points, {changed} days; go on with --after {points[-1].id}", highlight=False)
    return seen, changed
