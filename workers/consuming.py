"""How a job consumes events: tell of them, deliver what came of them, confirm them."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from gridhall.notifications.sending.deliver import deliver
from gridhall.workers.engine import Engine, engine

Tell = Callable[[Engine, Sequence[UUID]], Awaitable[list[str]]]
"""Turns events into deliveries and returns their keys."""


Work = Callable[[Engine, Sequence[UUID]], Awaitable[object]]
"""Does what events ask for. Idempotent by event id."""


def consume(job: str, event_ids: list[str], tell: Tell) -> None:
    """Tell of events, deliver what came of them, and confirm them. Idempotent by event id."""

    async def told(ctx: Engine, ids: Sequence[UUID]) -> None:
        keys = await tell(ctx, ids)
        await deliver(office=ctx.post_room.office, keys=keys, clock=ctx.clock)

    confirmed(job, event_ids, told)


def confirmed(job: str, event_ids: list[str], work: Work) -> None:
    """Do what events ask for, and confirm them."""
    ctx, ids = engine(), [UUID(event_id) for event_id in event_ids]

    async def both() -> None:
        await work(ctx, ids)
        await ctx.outbox.confirm(ids, job=job)

    ctx.run(both())
