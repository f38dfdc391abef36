"""Jobs of the post office: events become notices, notices are delivered."""

from collections.abc import Sequence
from uuid import UUID

from gridhall.notifications.sending.deliver import deliver
from gridhall.notifications.triggers.balances import tell_balances
from gridhall.notifications.triggers.bills import tell_issued_bills, tell_payments
from gridhall.notifications.triggers.codes import tell_codes
from gridhall.notifications.triggers.disputes import tell_answers
from gridhall.notifications.triggers.forecasts import tell_high_bills
from gridhall.notifications.triggers.invoices import tell_invoices
from gridhall.notifications.triggers.money import tell_money
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.consuming import tells
from gridhall.workers.engine import Engine, engine

_SWEPT_AT_ONCE = 200


@tells(names.TELL_BILLS)
async def tell_bills(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
    """Send the e-bills of issued bills."""
    return await tell_issued_bills(newsroom=ctx.post_room.newsroom, event_ids=ids, now=ctx.clock.now())


@tells(names.TELL_PAYMENTS)
async def tell_received_payments(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
    """Tell of received payments."""
    return await tell_payments(newsroom=ctx.post_room.newsroom, event_ids=ids, now=ctx.clock.now())


@tells(names.TELL_MONEY)
async def tell_refunds_and_collections(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
    """Tell of refunds that are over, and of collections that failed."""
    return await tell_money(newsroom=ctx.post_room.newsroom, event_ids=ids, now=ctx.clock.now())


@tells(names.TELL_HIGH_BILLS)
async def tell_projected_high_bills(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
    """Tell of projected bills above their customers' limits."""
    return await tell_high_bills(newsroom=ctx.post_room.newsroom, event_ids=ids, now=ctx.clock.now())


@tells(names.TELL_BALANCES)
async def tell_crossed_balances(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
    """Tell of balances that crossed a threshold, and of cuts for them."""
    return await tell_balances(newsroom=ctx.post_room.newsroom, event_ids=ids, now=ctx.clock.now())


@tells(names.TELL_INVOICES)
async def tell_issued_invoices(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
    """Tell of invoices that were issued or reversed."""
    invoices = ctx.billing.invoicing.invoices
    newsroom = ctx.post_room.newsroom
    return await tell_invoices(newsroom=newsroom, invoices=invoices, event_ids=ids, now=ctx.clock.now())


@tells(names.TELL_ANSWERS)
async def tell_answered_disputes(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
    """Tell how objections were answered."""
    disputes = ctx.billing.follow_up.disputing.disputes
    newsroom = ctx.post_room.newsroom
    return await tell_answers(newsroom=newsroom, disputes=disputes, event_ids=ids, now=ctx.clock.now())


@tells(names.TELL_CODES)
async def tell_asked_codes(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
    """Send one-time codes."""
    return await tell_codes(office=ctx.post_room.office, outbox=ctx.outbox, event_ids=ids, now=ctx.clock.now())


@app.task(name=names.SWEEP_DELIVERIES)
def sweep(**_later: object) -> None:
    """Attempt deliveries whose time has come again, and close those that were left in mid-attempt."""
    ctx = engine()

    async def work() -> None:
        office = ctx.post_room.office
        keys = await office.deliveries.due(now=ctx.clock.now(), limit=_SWEPT_AT_ONCE)
        await deliver(office=office, keys=keys, clock=ctx.clock)

    ctx.run(work())
