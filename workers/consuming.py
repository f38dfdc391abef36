"""Jobs that consume events: each does what its events ask for, and confirms them.

A consumer is a coroutine function of the engine and the ids of events. It is idempotent by event id: the outbox's
sweeper queues again what was not confirmed.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from gridhall.notifications.sending.deliver import deliver
from gridhall.workers.app import app
from gridhall.workers.engine import Engine, engine

Work = Callable[[Engine, Sequence[UUID]], Awaitable[object]]
"""Does what events ask for."""

Tell = Callable[[Engine, Sequence[UUID]], Awaitable[list[str]]]
"""Turns events into deliveries and returns their keys."""


def consumes(job: str) -> Callable[[Work], Work]:
    """Register the consumer as the job `job`."""

    def register(work: Work) -> Work:
        @app.task(name=job)
        def run(*, event_ids: list[str], **_later: object) -> None:
            ctx, ids = engine(), [UUID(event_id) for event_id in event_ids]

            async def both() -> None:
                await work(ctx, ids)
                await ctx.outbox.confirm(ids, job=job)

            ctx.run(both())

        return work

    return register


def tells(job: str) -> Callable[[Tell], Tell]:
    """Register the consumer as the job `job`: what it returns is delivered before the events are confirmed."""

    def register(tell: Tell) -> Tell:
        @consumes(job)
        async def told(ctx: Engine, ids: Sequence[UUID]) -> None:
            keys = await tell(ctx, ids)
            await deliver(office=ctx.post_room.office, keys=keys, clock=ctx.clock)

        return tell

    return register
