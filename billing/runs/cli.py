"""Commands of bill runs: run, runs."""

import asyncio
import getpass
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gridhall.billing.opening import open_billing
from gridhall.billing.regions import regions
from gridhall.billing.runs.model import Counts, Run, RunId, due
from gridhall.billing.runs.model import Progress as Reached
from gridhall.billing.runs.operations import open_run, release_gone, this_worker, work
from gridhall.billing.services import Billing
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, errors, listing, refuse, report
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.settings import settings

app = typer.Typer(no_args_is_help=True)

_LOOK_SECONDS: Final = 0.5
_SHOWN: Final = 50
_COLUMNS: Final = (
    *("month", "region", "run", "started", "by", "finished", "done"),
    *("issued", "held", "waiting", "already", "not_due", "workers"),
)
_MOST: Final = 64

RegionOption = Annotated[str | None, typer.Option(help="One region; all of them by default.")]


@app.command()
def run(
    *,
    period: Annotated[str, typer.Option(help="The month to bill, like 2026-10.")],
    region: RegionOption = None,
    parallel: Annotated[int, typer.Option(min=1, max=_MOST, help="Processes that work on it at once.")] = 1,
    json: AsJson = False,
) -> None:
    """Bill every account whose period has ended. Run it again at any time: whoever has a bill keeps it."""
    try:
        month = Month.parse(period)
    except ValueError as error:
        raise refuse(f"--period: {error}") from None
    if not due(month, read_day=1, today=local_day(SystemClock().now(), settings().time_zone)):
        raise refuse(f"--period: {month} has not ended; its first bills can be made on {month.shift(1).first}")
    totals = asyncio.run(_run(month, _codes(region), parallel))
    shown = {"issued": totals.issued, "held": totals.held, "waiting": totals.waiting, "already": totals.already}
    report(shown, json=json, title=f"Bill run {month}")


@app.command()
def runs(*, region: RegionOption = None, json: AsJson = False) -> None:
    """List bill runs with who started them, how far they are and who works on them, newest first, 50 a region."""
    rows = [_row(run, reached) for run, reached in asyncio.run(_runs(_codes(region)))]
    listing("Bill runs", _COLUMNS, rows, json=json)


def _codes(region: str | None) -> list[str]:
    if region is not None and region not in regions():
        raise refuse(f"--region: {region!r} is not served; there are {', '.join(sorted(regions()))}")
    return [region] if region else sorted(regions())


async def _run(month: Month, codes: Sequence[str], parallel: int) -> Counts:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    totals = Counts()
    async with open_billing() as billing:
        with Progress(*columns, console=errors, transient=True) as progress:
            for code in codes:
                now = SystemClock().now()
                opened = await open_run(
                    running=billing.running, region=code, month=month, by=getpass.getuser(), workers=parallel, now=now
                )
                task = progress.add_task(f"{code} {month}", total=opened.accounts)
                totals += await _finish(billing, opened, parallel, partial(progress.update, task))
    return totals


async def _finish(billing: Billing, opened: Run, parallel: int, shown: "partial[None]") -> Counts:
    """Work on a run, alone or with processes, until all of it is done; what died meanwhile is taken over."""
    running, owner = billing.running, this_worker()
    await release_gone(running=running, run=opened, owner=owner)
    watching = asyncio.create_task(_watch(billing, opened, shown))
    try:
        if parallel > 1 and opened.ranges:
            with ProcessPoolExecutor(parallel, mp_context=get_context("spawn")) as pool:
                loop = asyncio.get_running_loop()
                await asyncio.gather(*(loop.run_in_executor(pool, _work, opened.id) for _ in range(parallel)))
        while True:
            await work(running=running, run=opened, clock=SystemClock(), owner=owner)
            if not await running.ranges.left(opened.id):
                break
            # Somebody else works on the rest. Should they die, it is ours.
            await asyncio.sleep(_LOOK_SECONDS)
            await release_gone(running=running, run=opened, owner=owner)
    finally:
        watching.cancel()
    reached = await running.ranges.progress([opened.id])
    return reached.get(opened.id, Reached()).counts


async def _watch(billing: Billing, opened: Run, shown: "partial[None]") -> None:
    while True:
        reached = await billing.running.ranges.progress([opened.id])
        shown(completed=reached.get(opened.id, Reached()).counts.accounts)
        await asyncio.sleep(_LOOK_SECONDS)


def _work(run: RunId) -> None:
    """Work on a run in a process of its own, which ends with the one that started it."""
    asyncio.run(_work_on(run, parent=os.getppid()))


async def _work_on(run: RunId, *, parent: int) -> None:
    async with open_billing() as billing:
        opened = await billing.running.runs.load(run)
        if opened is not None:
            await work(
                running=billing.running,
                run=opened,
                clock=SystemClock(),
                owner=this_worker(),
                stop=lambda: os.getppid() != parent,
            )


async def _runs(codes: Sequence[str]) -> list[tuple[Run, Reached]]:
    async with open_billing() as billing:
        found = [run for code in codes for run in await billing.running.runs.page(code, before=None, limit=_SHOWN)]
        reached = await billing.running.ranges.progress([run.id for run in found])
    ordered = sorted(found, key=lambda run: run.started_at, reverse=True)
    return [(run, reached.get(run.id, Reached())) for run in ordered]


def _row(run: Run, reached: Reached) -> tuple[object, ...]:
    counts = reached.counts
    return (
        str(run.month),
        run.region,
        run.number,
        run.started_at.isoformat(timespec="seconds"),
        run.started_by,
        run.finished_at.isoformat(timespec="seconds") if run.finished_at else "",
        f"{counts.accounts}/{run.accounts}",
        counts.issued,
        counts.held,
        counts.waiting,
        counts.already,
        run.not_due,
        ", ".join(reached.workers),
    )
