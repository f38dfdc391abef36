"""Command of the board."""

import asyncio
from typing import Annotated

import typer

from gridhall.billing.board.model import Board, Row
from gridhall.billing.board.queries import billing_board
from gridhall.billing.opening import open_billing
from gridhall.billing.regions import regions
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, print_json, refuse, table
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.money import yuan
from gridhall.kit.settings import settings

app = typer.Typer()


@app.command()
def board(
    *,
    region: Annotated[str, typer.Option(help="The region.")],
    period: Annotated[str, typer.Option(help="The month, like 2026-10.")],
    unit: Annotated[str, typer.Option(help="A unit of the organisation, like gridhall/zhejiang; all by default.")] = "",
    json: AsJson = False,
) -> None:
    """Show a billing cycle: what waits where, with whom, since when, and why."""
    try:
        month = Month.parse(period)
    except ValueError as error:
        raise refuse(f"--period: {error}") from None
    if region not in regions():
        raise refuse(f"--region: {region!r} is not served; there are {', '.join(sorted(regions()))}")
    found = asyncio.run(_board(region, month, unit))
    rows = [_row(row) for row in found.rows]
    if json:
        print_json({"region": region, "period": str(month), "accounts": found.accounts, "stages": rows})
    else:
        title = f"{region} {month}: {found.accounts} accounts"
        table(title, ("stage", "count", "yuan", "since", "with", "why"), [tuple(row.values()) for row in rows])


async def _board(region: str, month: Month, unit: str) -> Board:
    async with open_billing() as billing:
        return await billing_board(
            boards=billing.boards, region=region, month=month, units=(unit,), now=SystemClock().now()
        )


def _row(row: Row) -> dict[str, object]:
    since = local_day(row.since, settings().time_zone) if row.since else ""
    return {
        "stage": str(row.stage),
        "count": row.count,
        "yuan": str(yuan(row.amount)),
        "since": str(since),
        "with": ", ".join(f"{one.name or 'nobody'} {one.count}" for one in row.owners),
        "why": ", ".join(f"{one.name} {one.count}" for one in row.reasons),
    }
