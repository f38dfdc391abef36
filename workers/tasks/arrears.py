"""Jobs of arrears: the day of each region in pieces, and the reminders and notices that come of it."""

from collections.abc import Sequence
from uuid import UUID

from gridhall.billing.arrears import days
from gridhall.billing.arrears.outages import freeing
from gridhall.billing.regions import regions
from gridhall.notifications.triggers.arrears import tell_reminders
from gridhall.notifications.triggers.notices import prove_notices, tell_cuts, tell_notices
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.consuming import consumes, tells
from gridhall.workers.engine import Engine, engine


@app.task(name=names.SCAN_ARREARS)
def begin_arrears_days(**_later: object) -> None:
    """Begin the day of every region whose local hour has come."""
    ctx = engine()
    ctx.run(days.begin_days(day=ctx.billing.follow_up.day, regions=regions(), now=ctx.clock.now()))


@consumes(names.SCAN_ARREARS_OF_REGION)
async def scan_arrears_of_region(ctx: Engine, ids: Sequence[UUID]) -> None:
    """Judge agreements, propose cuts, and split a region's accounts into chunks."""
    await days.run_region(day=ctx.billing.follow_up.day, event_ids=ids, now=ctx.clock.now())


@consumes(names.SCAN_ARREARS_CHUNK)
async def scan_arrears_chunk(ctx: Engine, ids: Sequence[UUID]) -> None:
    """Find the accounts of a chunk that are to be reminded today."""
    await days.run_chunk(day=ctx.billing.follow_up.day, event_ids=ids, now=ctx.clock.now())


@consumes(names.POST_PENALTIES)
async def post_penalties(ctx: Engine, ids: Sequence[UUID]) -> None:
    """Post the penalties of a chunk of accounts on the day of the statement."""
    await days.post_statement(day=ctx.billing.follow_up.day, event_ids=ids, now=ctx.clock.now())


@consumes(names.SPREAD_OUTAGE)
async def spread_outage(ctx: Engine, ids: Sequence[UUID]) -> None:
    """Split the accounts that have penalties of the days of an outage into chunks."""
    await freeing.spread(arrears=ctx.billing.arrears, regions=regions(), event_ids=ids, now=ctx.clock.now())


@consumes(names.FREE_OUTAGE)
async def free_outage(ctx: Engine, ids: Sequence[UUID]) -> None:
    """Take the penalties of the days of an outage back from a chunk of accounts."""
    await freeing.free(arrears=ctx.billing.arrears, event_ids=ids, now=ctx.clock.now())


@tells(names.TELL_REMINDERS)
async def tell_due_reminders(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
    """Send the reminders of accounts that a scan found."""
    room = ctx.post_room
    return await tell_reminders(newsroom=room.newsroom, check=room.still_owed, event_ids=ids, now=ctx.clock.now())


@tells(names.TELL_NOTICES)
async def tell_formal_notices(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
    """Send formal notices."""
    room, serving = ctx.post_room, ctx.billing.follow_up.serving
    return await tell_notices(newsroom=room.newsroom, serving=serving, event_ids=ids, now=ctx.clock.now())


@tells(names.TELL_CUTS)
async def tell_cuts_ahead(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
    """Announce cuts that were approved, at the hour before."""
    return await tell_cuts(newsroom=ctx.post_room.newsroom, event_ids=ids, now=ctx.clock.now())


@app.task(name=names.PROVE_NOTICES)
def prove_formal_notices(**_later: object) -> None:
    """Take messages that went out as the proof of their notices."""
    ctx = engine()

    async def work() -> None:
        serving, deliveries = ctx.billing.follow_up.serving, ctx.post_room.office.deliveries
        for region in regions():
            await prove_notices(serving=serving, deliveries=deliveries, region=region, now=ctx.clock.now())

    ctx.run(work())
