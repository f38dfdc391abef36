"""Jobs of digital invoices: going on with what was requested, and reversing those whose bill was taken back."""

from collections.abc import Sequence
from uuid import UUID

from gridhall.billing.bills.model import BillId
from gridhall.billing.invoices.operations import bills_cancelled, go_on
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.consuming import consumes
from gridhall.workers.engine import Engine, engine


@app.task(name=names.ISSUE_INVOICES)
def issue_invoices(**_later: object) -> None:
    """Go on with the invoices that are due, one call of the tax platform after the other."""
    ctx = engine()
    ctx.run(go_on(invoicing=ctx.billing.invoicing, platform=ctx.tax, now=ctx.clock.now()))


@consumes(names.REVERSE_INVOICES)
async def reverse_invoices(ctx: Engine, ids: Sequence[UUID]) -> None:
    """Have the invoices of cancelled bills reversed."""
    bill_ids = [BillId(event.about) for event in await ctx.outbox.load(ids)]
    await bills_cancelled(invoicing=ctx.billing.invoicing, bill_ids=bill_ids, now=ctx.clock.now())
