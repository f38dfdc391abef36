"""Jobs of forecasts: projected bills above what their customers set as a limit."""

from uuid import UUID

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.forecasts.alerts import look
from gridhall.billing.regions import regions
from gridhall.kit.localdays import local_day
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.engine import engine


@app.task(name=names.LOOK_AT_BILLS)
def look_at_bills(**_later: object) -> None:
    """Queue every region's look at its projected bills."""
    ctx = engine()

    async def work() -> None:
        for region in regions():
            await ctx.queue.send(names.LOOK_AT_BILLS_OF_REGION, region=region, after=None)

    ctx.run(work())


@app.task(name=names.LOOK_AT_BILLS_OF_REGION)
def look_at_bills_of_region(*, region: str, after: str | None, **_later: object) -> None:
    """Look at some hundred alerts of a region, and queue the next ones. Idempotent by account and period."""
    ctx = engine()

    async def work() -> None:
        now = ctx.clock.now()
        last = await look(
            room=ctx.billing.bill_alerts,
            region=region,
            after=AccountId(UUID(after)) if after else None,
            today=local_day(now, ctx.billing.issuing.zone),
            now=now,
        )
        if last is not None:
            await ctx.queue.send(names.LOOK_AT_BILLS_OF_REGION, region=region, after=str(last))

    ctx.run(work())
