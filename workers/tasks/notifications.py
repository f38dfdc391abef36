"""Jobs of the post office: events become notices, notices are delivered."""

from collections.abc import Sequence
from uuid import UUID

from gridhall.notifications.sending.deliver import deliver
from gridhall.notifications.triggers.balances import tell_balances
from gridhall.notifications.triggers.bills import tell_issued_bills, tell_payments
from gridhall.notifications.triggers.codes import tell_codes
from gridhall.notifications.triggers.forecasts import tell_high_bills
from gridhall.notifications.triggers.invoices import tell_invoices
from gridhall.notifications.triggers.money import tell_money
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.consuming import consume
from gridhall.workers.engine import Engine, engine

_SWEPT_AT_ONCE = 200


@app.task(name=names.TELL_BILLS)
def tell_bills(*, event_ids: list[str], **_later: object) -> None:
    """Send the e-bills of issued bills."""

    async def tell(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
        return await tell_issued_bills(newsroom=ctx.post_room.newsroom, event_ids=ids, now=ctx.clock.now())

    consume(names.TELL_BILLS, event_ids, tell)


@app.task(name=names.TELL_PAYMENTS)
def tell_received_payments(*, event_ids: list[str], **_later: object) -> None:
    """Tell of received payments."""

    async def tell(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
        return await tell_payments(newsroom=ctx.post_room.newsroom, event_ids=ids, now=ctx.clock.now())

    consume(names.TELL_PAYMENTS, event_ids, tell)


@app.task(name=names.TELL_MONEY)
def tell_refunds_and_collections(*, event_ids: list[str], **_later: object) -> None:
    """Tell of refunds that are over, and of collections that failed."""

    async def tell(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
        return await tell_money(newsroom=ctx.post_room.newsroom, event_ids=ids, now=ctx.clock.now())

    consume(names.TELL_MONEY, event_ids, tell)


@app.task(name=names.TELL_HIGH_BILLS)
def tell_projected_high_bills(*, event_ids: list[str], **_later: object) -> None:
    """Tell of projected bills above their customers' limits."""

    async def tell(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
        return await tell_high_bills(newsroom=ctx.post_room.newsroom, event_ids=ids, now=ctx.clock.now())

    consume(names.TELL_HIGH_BILLS, event_ids, tell)


@app.task(name=names.TELL_BALANCES)
def tell_crossed_balances(*, event_ids: list[str], **_later: object) -> None:
    """Tell of balances that crossed a threshold, and of cuts for them."""

    async def tell(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
        return await tell_balances(newsroom=ctx.post_room.newsroom, event_ids=ids, now=ctx.clock.now())

    consume(names.TELL_BALANCES, event_ids, tell)


@app.task(name=names.TELL_INVOICES)
def tell_issued_invoices(*, event_ids: list[str], **_later: object) -> None:
    """Tell of invoices that were issued or reversed."""

    async def tell(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
        invoices = ctx.billing.invoicing.invoices
        newsroom = ctx.post_room.newsroom
        return await tell_invoices(newsroom=newsroom, invoices=invoices, event_ids=ids, now=ctx.clock.now())

    consume(names.TELL_INVOICES, event_ids, tell)


@app.task(name=names.TELL_CODES)
def tell_asked_codes(*, event_ids: list[str], **_later: object) -> None:
    """Send one-time codes."""

    async def tell(ctx: Engine, ids: Sequence[UUID]) -> list[str]:
        return await tell_codes(office=ctx.post_room.office, outbox=ctx.outbox, event_ids=ids, now=ctx.clock.now())

    consume(names.TELL_CODES, event_ids, tell)


@app.task(name=names.SWEEP_DELIVERIES)
def sweep(**_later: object) -> None:
    """Attempt deliveries whose time has come again, and close those that were left in mid-attempt."""
    ctx = engine()

    async def work() -> None:
        office = ctx.post_room.office
        keys = await office.deliveries.due(now=ctx.clock.now(), limit=_SWEPT_AT_ONCE)
        await deliver(office=office, keys=keys, clock=ctx.clock)

    ctx.run(work())
