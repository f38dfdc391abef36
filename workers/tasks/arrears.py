"""Jobs of arrears: the daily scan, and the reminders that come of it."""

from collections.abc import Sequence
from uuid import UUID

from gridhall.billing.arrears.operations import scan
from gridhall.billing.regions import regions
from gridhall.kit.localdays import local_day
from gridhall.notifications.triggers.arrears import tell_reminders
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.consuming import consume
from gridhall.workers.engine import Engine, engine


@app.task(name=names.SCAN_ARREARS)
def scan_arrears(**_later: object) -> None:
    """Find the accounts that are to be reminded today, in every region."""
    ctx = engine()

    async def work() -> None:
        now = ctx.clock.now()
        today = local_day(now, ctx.billing.issuing.zone)
        for region in regions():
            await scan(arrears=ctx.billing.arrears, region=region, today=today, now=now)

    ctx.run(work())


@app.task(name=names.TELL_REMINDERS)
def tell_due_reminders(*, event_ids: list[str], **_later: object) -> None:
    """Send the reminders of accounts that a scan found."""

    async def tell(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
        room = ctx.post_room
        return await tell_reminders(newsroom=room.newsroom, check=room.still_owed, event_ids=ids, now=ctx.clock.now())

    consume(names.TELL_REMINDERS, event_ids, tell)
