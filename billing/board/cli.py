"""Command of the board."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

import typer

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.board.model import Board, Entry, Row, Stage
from gridhall.billing.board.pages import Asked, stage_page
from gridhall.billing.board.queries import billing_board
from gridhall.billing.opening import open_billing
from gridhall.billing.regions import regions
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, listing, print_json, refuse, table
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.money import yuan
from gridhall.kit.settings import settings

app = typer.Typer()

_SHOWN: Final = 200


@app.command()
def board(
    *,
    region: Annotated[str, typer.Option(help="The region.")],
    period: Annotated[str, typer.Option(help="The month, like 2026-10.")],
    unit: Annotated[str, typer.Option(help="A unit of the organisation, like gridhall/zhejiang; all by default.")] = "",
    stage: Annotated[Stage | None, typer.Option(help="Who stands in one stage instead, and why; 200 at most.")] = None,
    json: AsJson = False,
) -> None:
    """Show a billing cycle: what waits where, with whom, since when, and why."""
    try:
        month = Month.parse(period)
    except ValueError as error:
        raise refuse(f"--period: {error}") from None
    if region not in regions():
        raise refuse(f"--region: {region!r} is not served; there are {', '.join(sorted(regions()))}")
    if stage is not None:
        asked = Asked(region, month, (unit,), stage, after=None, limit=_SHOWN)
        entries, accounts = asyncio.run(_stage(asked))
        columns = ("account", "bill", "yuan", "since", "with", "why")
        listing(f"{region} {month}: {stage}", columns, [_entry(one, accounts) for one in entries], json=json)
        return
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


async def _stage(asked: Asked) -> tuple[tuple[Entry, ...], Mapping[AccountId, Account]]:
    async with open_billing() as billing:
        found = await stage_page(boards=billing.boards, asked=asked, now=SystemClock().now())
        return found.entries, await billing.accounts.load({one.account_id for one in found.entries})


def _entry(one: Entry, accounts: Mapping[AccountId, Account]) -> tuple[object, ...]:
    return (
        accounts[one.account_id].number,
        one.bill_number or "",
        str(yuan(one.amount)),
        _day(one.since),
        one.owner or "",
        "; ".join(f"{code}: {said}" if said else code for code, said in one.why),
    )


def _day(at: datetime | None) -> str:
    return str(local_day(at, settings().time_zone)) if at else ""


def _row(row: Row) -> dict[str, object]:
    return {
        "stage": str(row.stage),
        "count": row.count,
        "yuan": str(yuan(row.amount)),
        "since": _day(row.since),
        "with": ", ".join(f"{one.name or 'nobody'} {one.count}" for one in row.owners),
        "why": ", ".join(f"{one.name} {one.count}" for one in row.reasons),
    }
