"""Jobs of arrears: the day of each region in pieces, and the reminders and notices that come of it."""

from collections.abc import Sequence
from uuid import UUID

from gridhall.billing.arrears import days
from gridhall.billing.regions import regions
from gridhall.notifications.triggers.arrears import tell_reminders
from gridhall.notifications.triggers.notices import prove_notices, tell_cuts, tell_notices
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.consuming import confirmed, consume
from gridhall.workers.engine import Engine, engine


@app.task(name=names.SCAN_ARREARS)
def begin_arrears_days(**_later: object) -> None:
    """Begin the day of every region whose local hour has come."""
    ctx = engine()
    ctx.run(days.begin_days(day=ctx.billing.follow_up.day, regions=regions(), now=ctx.clock.now()))


@app.task(name=names.SCAN_ARREARS_OF_REGION)
def scan_arrears_of_region(*, event_ids: list[str], **_later: object) -> None:
    """Judge agreements, propose cuts, and split a region's accounts into chunks."""

    async def work(ctx: Engine, ids: Sequence[UUID]) -> None:
        await days.run_region(day=ctx.billing.follow_up.day, event_ids=ids, now=ctx.clock.now())

    confirmed(names.SCAN_ARREARS_OF_REGION, event_ids, work)


@app.task(name=names.SCAN_ARREARS_CHUNK)
def scan_arrears_chunk(*, event_ids: list[str], **_later: object) -> None:
    """Find the accounts of a chunk that are to be reminded today."""

    async def work(ctx: Engine, ids: Sequence[UUID]) -> None:
        await days.run_chunk(day=ctx.billing.follow_up.day, event_ids=ids, now=ctx.clock.now())

    confirmed(names.SCAN_ARREARS_CHUNK, event_ids, work)


@app.task(name=names.POST_PENALTIES)
def post_penalties(*, event_ids: list[str], **_later: object) -> None:
    """Post the penalties of a chunk of accounts on the day of the statement."""

    async def work(ctx: Engine, ids: Sequence[UUID]) -> None:
        await days.post_statement(day=ctx.billing.follow_up.day, event_ids=ids, now=ctx.clock.now())

    confirmed(names.POST_PENALTIES, event_ids, work)


@app.task(name=names.TELL_REMINDERS)
def tell_due_reminders(*, event_ids: list[str], **_later: object) -> None:
    """Send the reminders of accounts that a scan found."""

    async def tell(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
        room = ctx.post_room
        return await tell_reminders(newsroom=room.newsroom, check=room.still_owed, event_ids=ids, now=ctx.clock.now())

    consume(names.TELL_REMINDERS, event_ids, tell)


@app.task(name=names.TELL_NOTICES)
def tell_formal_notices(*, event_ids: list[str], **_later: object) -> None:
    """Send formal notices."""

    async def tell(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
        room, serving = ctx.post_room, ctx.billing.follow_up.serving
        return await tell_notices(newsroom=room.newsroom, serving=serving, event_ids=ids, now=ctx.clock.now())

    consume(names.TELL_NOTICES, event_ids, tell)


@app.task(name=names.TELL_CUTS)
def tell_cuts_ahead(*, event_ids: list[str], **_later: object) -> None:
    """Announce cuts that were approved, at the hour before."""

    async def tell(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
        return await tell_cuts(newsroom=ctx.post_room.newsroom, event_ids=ids, now=ctx.clock.now())

    consume(names.TELL_CUTS, event_ids, tell)


@app.task(name=names.PROVE_NOTICES)
def prove_formal_notices(**_later: object) -> None:
    """Take messages that went out as the proof of their notices."""
    ctx = engine()

    async def work() -> None:
        serving, deliveries = ctx.billing.follow_up.serving, ctx.post_room.office.deliveries
        for region in regions():
            await prove_notices(serving=serving, deliveries=deliveries, region=region, now=ctx.clock.now())

    ctx.run(work())
