"""Jobs of regions whose bills come from a supplier's billing system."""

from gridhall.billing.shadow.checking import check_page, lately
from gridhall.kit.localdays import Month
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.engine import engine


@app.task(name=names.COMPARE_SHADOW)
def compare_shadow(**_later: object) -> None:
    """Queue the last months of every region in shadow mode."""
    ctx = engine()

    async def work() -> None:
        for region, month in lately(now=ctx.clock.now(), zone=ctx.billing.issuing.zone):
            await ctx.queue.send(names.COMPARE_SHADOW_PAGE, region=region, month=str(month), after=None)

    ctx.run(work())


@app.task(name=names.COMPARE_SHADOW_PAGE)
def compare_shadow_page(*, region: str, month: str, after: str | None, **_later: object) -> None:
    """Compare some hundred bills again that could not be computed or differed, and queue the next. Idempotent."""
    ctx = engine()

    async def work() -> None:
        looked_at = await check_page(
            checking=ctx.billing.shadow.checking,
            region=region,
            month=Month.parse(month),
            after=after,
            now=ctx.clock.now(),
        )
        if looked_at:
            await ctx.queue.send(names.COMPARE_SHADOW_PAGE, region=region, month=month, after=looked_at[-1].key)

    ctx.run(work())
