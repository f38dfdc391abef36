"""Jobs of prepayment and of the field system's side."""

from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.field.operations import look_after
from gridhall.billing.prepayment.days import run_page
from gridhall.billing.regions import regions
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.engine import engine


@app.task(name=names.RUN_PREPAYMENT)
def run_prepayment(**_later: object) -> None:
    """Queue every region's day of prepayment."""
    ctx = engine()

    async def work() -> None:
        for region in regions():
            await ctx.queue.send(names.RUN_PREPAYMENT_OF_REGION, region=region, after=None)

    ctx.run(work())


@app.task(name=names.RUN_PREPAYMENT_OF_REGION)
def run_prepayment_of_region(*, region: str, after: str | None, **_later: object) -> None:
    """Reckon some hundred accounts of a region, and queue the next ones. Idempotent by readings and crossing."""
    ctx = engine()

    async def work() -> None:
        done = await run_page(
            prepaying=ctx.billing.prepaying,
            region=region,
            after=AccountId(UUID(after)) if after else None,
            now=ctx.clock.now(),
        )
        if done.last is not None:
            await ctx.queue.send(names.RUN_PREPAYMENT_OF_REGION, region=region, after=str(done.last))

    ctx.run(work())


@app.task(name=names.LOOK_AFTER_FIELD)
def look_after_field(**_later: object) -> None:
    """Look after what field systems failed at or left lying."""
    ctx = engine()

    async def work() -> None:
        for region in regions():
            await look_after(work=ctx.billing.field_work, region=region, now=ctx.clock.now())

    ctx.run(work())
