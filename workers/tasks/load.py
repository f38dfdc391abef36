"""Jobs of load: the homes of every region, counted by use."""

from gridhall.billing.regions import regions
from gridhall.kit.localdays import Month, local_day
from gridhall.metering.load.similar.operations import count_homes
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.engine import engine


@app.task(name=names.COUNT_HOMES)
def count_all_homes(**_later: object) -> None:
    """Queue the count of last month's homes in every region."""
    ctx = engine()
    month = Month.of(local_day(ctx.clock.now(), ctx.billing.issuing.zone)).shift(-1)

    async def work() -> None:
        for region in regions():
            await ctx.queue.send(names.COUNT_HOMES_OF_REGION, region=region, month=str(month))

    ctx.run(work())


@app.task(name=names.COUNT_HOMES_OF_REGION)
def count_homes_of_region(*, region: str, month: str, **_later: object) -> None:
    """Count homes of a region, as many as one job may, and queue the rest. Idempotent: a page is counted once a day."""
    ctx = engine()

    async def work() -> None:
        now = ctx.clock.now()
        done = await count_homes(
            similar=ctx.billing.similar,
            region=region,
            month=Month.parse(month),
            today=local_day(now, ctx.billing.issuing.zone),
            now=now,
        )
        if not done:
            await ctx.queue.send(names.COUNT_HOMES_OF_REGION, region=region, month=month)

    ctx.run(work())
