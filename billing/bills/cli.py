"""Commands of bills: run, and those of its neighbours."""

import asyncio
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gridhall.billing.bills import held_cli
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.billing.bills.runs import chunks
from gridhall.billing.opening import open_billing
from gridhall.billing.regions import regions
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, errors, refuse, report
from gridhall.kit.localdays import Month

app = typer.Typer(no_args_is_help=True, help="Calculate, review and issue bills (核算, 复核, 发行).")
app.add_typer(held_cli.app)

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


async def _run(month: Month, codes: list[str]) -> dict[str, int]:
    totals = {"issued": 0, "held": 0, "waiting": 0, "already": 0}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with open_billing() as billing:
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
