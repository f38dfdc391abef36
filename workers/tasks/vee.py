"""Jobs of validation: the points of every region in chunks, and each chunk's days."""

from datetime import date, timedelta
from uuid import UUID

from gridhall.billing.regions import regions
from gridhall.kit.localdays import Days, local_day
from gridhall.kit.settings import settings
from gridhall.metering.vee.running import CHUNK, run_chunk
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.engine import engine


@app.task(name=names.RUN_VEE)
def run_vee(**_later: object) -> None:
    """Queue the checks of the last days of every point, in chunks."""
    ctx = engine()

    async def work() -> None:
        today = local_day(ctx.clock.now(), ctx.billing.issuing.zone)
        first = today - timedelta(days=settings().vee_days)
        for region in regions():
            async for points in ctx.metering.points.pages(region=region, limit=CHUNK):
                ids = [str(point.id) for point in points]
                await ctx.queue.send(names.VEE_CHUNK, point_ids=ids, first=first.isoformat(), end=today.isoformat())

    ctx.run(work())


@app.task(name=names.VEE_CHUNK)
def check_chunk(*, point_ids: list[str], first: str, end: str, **_later: object) -> None:
    """Check those days of some hundred points that changed. Idempotent: what was judged as it is is left alone."""
    ctx = engine()

    async def work() -> None:
        now = ctx.clock.now()
        points = await ctx.metering.vee.points.by_ids([UUID(point_id) for point_id in point_ids])
        await run_chunk(
            vee=ctx.metering.vee,
            points=list(points.values()),
            days=Days(date.fromisoformat(first), date.fromisoformat(end)),
            today=local_day(now, ctx.billing.issuing.zone),
            now=now,
        )

    ctx.run(work())
