"""Jobs of retention: every region on its own, a few pages of points a job, the next job behind it."""

from gridhall.billing.regions import regions
from gridhall.kit.localdays import local_day
from gridhall.metering.retention.operations import run_page
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.engine import engine

_PAGES = 10


@app.task(name=names.SPREAD_RETENTION)
def spread_retention(**_later: object) -> None:
    """Queue the retention of every region, if any class has one."""
    ctx = engine()

    async def work() -> None:
        if ctx.metering.retention.policy.months:
            for region in regions():
                await ctx.queue.send(names.RETAIN_REGION, region=region)

    ctx.run(work())


@app.task(name=names.RETAIN_REGION)
def retain_region(*, region: str, **_later: object) -> None:
    """Do some pages of a region and queue the next ones. Safe to run twice: how far it came is kept."""
    ctx = engine()

    async def work() -> None:
        today = local_day(ctx.clock.now(), ctx.billing.issuing.zone)
        for _ in range(_PAGES):
            if await run_page(retention=ctx.metering.retention, region=region, today=today) is None:
                return
        await ctx.queue.send(names.RETAIN_REGION, region=region)

    ctx.run(work())
