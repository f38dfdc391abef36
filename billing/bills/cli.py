"""Commands of bills: run, held, release."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.bills.model import Bill, BillId, Finding
from gridhall.billing.bills.releasing import Released, release
from gridhall.billing.bills.runs import chunks
from gridhall.billing.regions import regions
from gridhall.billing.services import Billing
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, console, errors, print_json, refuse, report, table
from gridhall.kit.keys import field_codec
from gridhall.kit.localdays import Month
from gridhall.kit.money import yuan
from gridhall.kit.runtime import open_mongo
from gridhall.kit.settings import settings

app = typer.Typer(no_args_is_help=True, help="Calculate, review and issue bills (核算, 复核, 发行).")

_SHOWN = 200

RegionOption = Annotated[str | None, typer.Option(help="One region; all of them by default.")]


@app.command()
def run(
    *,
    period: Annotated[str, typer.Option(help="The month to bill, like 2026-10.")],
    region: RegionOption = None,
    json: AsJson = False,
) -> None:
    """Bill every account for a period. Run it again at any time: whoever has a bill keeps it."""
    try:
        month = Month.parse(period)
    except ValueError as error:
        raise refuse(f"--period: {error}") from None
    if region is not None and region not in regions():
        raise refuse(f"--region: {region!r} is not served; there are {', '.join(sorted(regions()))}")
    result = asyncio.run(_run(month, [region] if region else sorted(regions())))
    report(result, json=json, title=f"Bill run {month}")


@app.command()
def held(*, region: RegionOption = None, json: AsJson = False) -> None:
    """List the bills that a review holds, oldest first, 200 at most."""
    bills = asyncio.run(_held(region))
    if json:
        print_json([_row(bill) for bill in bills])
    else:
        rows = [tuple(_row(bill).values()) for bill in bills]
        table("Held bills", ("id", "region", "month", "kWh", "yuan", "findings"), rows)


@app.command(name="release")
def release_bill(
    bill_id: Annotated[UUID, typer.Argument(help="The id of a held bill.")],
    reviewer: Annotated[str, typer.Option(help="Who looked at it.")],
    reason: Annotated[str, typer.Option(help="Why it is right.")],
) -> None:
    """Issue a held bill as it is."""
    outcome = asyncio.run(_release(BillId(bill_id), reviewer, reason))
    if not isinstance(outcome, Released):
        raise refuse(f"bill-id: {bill_id} is not held; `gridhall bills held` lists those that are")
    console.print(f"issued {bill_id}")


@asynccontextmanager
async def _open() -> AsyncIterator[Billing]:
    chosen = settings()
    async with open_mongo(chosen) as mongo:
        yield Billing.open(mongo=mongo, codec=field_codec(chosen), settings=chosen)


async def _run(month: Month, codes: list[str]) -> dict[str, int]:
    totals = {"issued": 0, "held": 0, "waiting": 0, "already": 0}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with _open() as billing:
        with Progress(*columns, console=errors, transient=True) as progress:
            for code in codes:
                total = await billing.accounts.count(region=code)
                task = progress.add_task(f"{code} {month}", total=total)
                async for ids in chunks(accounts=billing.accounts, region=code):
                    result = await issue_chunk(
                        issuing=billing.issuing, account_ids=ids, month=month, now=SystemClock().now()
                    )
                    for name in totals:
                        totals[name] += getattr(result, name)
                    progress.advance(task, len(ids))
    return totals


async def _held(region: str | None) -> list[Bill]:
    async with _open() as billing:
        return await billing.bills.held(region=region, after=None, limit=_SHOWN)


async def _release(bill_id: BillId, reviewer: str, reason: str) -> object:
    async with _open() as billing:
        return await release(
            issuing=billing.issuing, bill_id=bill_id, reviewer=reviewer, reason=reason, now=SystemClock().now()
        )


def _row(bill: Bill) -> dict[str, object]:
    return {
        "id": str(bill.id),
        "region": bill.region,
        "month": str(bill.month),
        "kwh": str(bill.kwh),
        "yuan": str(yuan(bill.total)),
        "findings": "; ".join(_said(finding) for finding in bill.findings),
    }


def _said(finding: Finding) -> str:
    numbers = ", ".join(f"{name} {value}" for name, value in finding.evidence)
    return f"{finding.code} ({numbers})"
