"""Jobs of billing."""

from collections.abc import Sequence
from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills import issuing
from gridhall.billing.corrections.operations import question
from gridhall.billing.runs.model import RunId
from gridhall.billing.runs.operations import open_run, release_gone, this_worker, work
from gridhall.billing.tariffs.imports.operations import refresh
from gridhall.kit.localdays import Month
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.consuming import consumes
from gridhall.workers.engine import Engine, engine


@app.task(name=names.ISSUE_CHUNK)
def issue_chunk(*, month: str, account_ids: list[str], **_later: object) -> None:
    """Issue the bills of some hundred accounts for a month."""
    ctx = engine()

    async def work() -> None:
        # A chunk is billed by every tariff that was imported before it, not by those of some seconds ago.
        await refresh(versions=ctx.billing.tariff_versions)
        await issuing.issue_chunk(
            issuing=ctx.billing.issuing,
            account_ids=[AccountId(UUID(account_id)) for account_id in account_ids],
            month=Month.parse(month),
            now=ctx.clock.now(),
        )

    ctx.run(work())


@app.task(name=names.OPEN_BILL_RUN)
def open_bill_run(*, region: str, month: str, by: str, **_later: object) -> None:
    """Open the bill run of a region's month, or go on with the one that is not finished: a job a range."""
    ctx = engine()

    async def spread() -> None:
        running = ctx.billing.running
        run = await open_run(running=running, region=region, month=Month.parse(month), by=by, now=ctx.clock.now())
        for _ in range(run.ranges):
            await ctx.queue.send(names.BILL_RANGE, run_id=str(run.id))

    ctx.run(spread())


@app.task(name=names.BILL_RANGE)
def bill_range(*, run_id: str, **_later: object) -> None:
    """Bill the next range of a run that is nobody's. A job too many finds none and ends."""
    ctx = engine()

    async def bill() -> None:
        running, owner = ctx.billing.running, this_worker()
        await refresh(versions=ctx.billing.tariff_versions)
        run = await running.runs.load(RunId(UUID(run_id)))
        if run is not None:
            await release_gone(running=running, run=run, owner=owner)
            await work(running=running, run=run, clock=ctx.clock, owner=owner, most=1)

    ctx.run(bill())


@consumes(names.QUESTION_BILLS)
async def question_bills(ctx: Engine, ids: Sequence[UUID]) -> None:
    """Note beside issued bills what was corrected of the readings that they stand on."""
    await question(questioning=ctx.billing.questioning, event_ids=ids, now=ctx.clock.now())
