"""Jobs of the outbox."""

from datetime import timedelta

from gridhall.kit import outbox
from gridhall.workers import names
from gridhall.workers.app import app
from gridhall.workers.engine import engine

CONFIRMED_WITHIN = timedelta(minutes=5)
"""A job that did not confirm its events for this long is taken for lost."""

IMPATIENT = {names.TELL_CODES: timedelta(seconds=15)}
"""A one-time code is of no use after its minutes."""


@app.task(name=names.RELAY)
def relay(**_later: object) -> None:
    """Publish what waits in the outbox."""
    ctx = engine()
    now = ctx.clock.now()
    ctx.run(
        outbox.relay(
            outbox=ctx.outbox, queue=ctx.queue, routes=names.EVENT_ROUTES, before=now + timedelta(seconds=1), now=now
        )
    )


@app.task(name=names.SWEEP_OUTBOX)
def sweep(**_later: object) -> None:
    """Queue again what got lost between the queue and its worker."""
    ctx = engine()
    now = ctx.clock.now()

    async def work() -> None:
        await outbox.sweep(outbox=ctx.outbox, queue=ctx.queue, before=now - CONFIRMED_WITHIN, now=now)
        for job, patience in IMPATIENT.items():
            await outbox.sweep(outbox=ctx.outbox, queue=ctx.queue, before=now - patience, now=now, job=job)

    ctx.run(work())
