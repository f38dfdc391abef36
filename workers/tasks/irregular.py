"""Jobs of irregular use: the regions, the chunks of each, and the look at a chunk."""

from datetime import date
from uuid import UUID

from gridhall.billing.regions import regions
from gridhall.kit.localdays import local_day
from gridhall.metering.irregular.chunks import chunks
from gridhall.metering.irregular.operations import refresh_norms, scan_chunk
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.engine import engine


@app.task(name=names.SPREAD_IRREGULAR)
def spread_irregular(*, region: str | None = None, **_later: object) -> None:
    """Queue the look at every region or, of one, at every chunk of it, by one measure for all."""
    ctx = engine()

    async def work() -> None:
        if region is None:
            for code in regions():
                await ctx.queue.send(names.SPREAD_IRREGULAR, region=code)
            return
        today = local_day(ctx.clock.now(), ctx.billing.issuing.zone)
        scanning = ctx.metering.scanning
        await refresh_norms(scanning=scanning, region=region, today=today)
        async for point_ids in chunks(points=scanning.sources.points, region=region):
            ids = [str(point_id) for point_id in point_ids]
            await ctx.queue.send(names.SCAN_IRREGULAR, region=region, day=today.isoformat(), point_ids=ids)

    ctx.run(work())


@app.task(name=names.SCAN_IRREGULAR)
def scan_irregular(*, region: str, day: str, point_ids: list[str], **_later: object) -> None:
    """Look at some hundred points that belong together. Idempotent."""
    ctx = engine()
    ctx.run(
        scan_chunk(
            scanning=ctx.metering.scanning,
            region=region,
            point_ids=[UUID(point_id) for point_id in point_ids],
            today=date.fromisoformat(day),
            now=ctx.clock.now(),
        )
    )
