"""Taking a batch once: what was finished under a key is told again and not done again.

A key names one body. Whether a batch of a finished key says the same is known when its body was read, so that is read
and hashed, but neither checked nor stored. What is hashed is the unpacked body and the format asked for: a sender that
packs the same rows again may get other bytes.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from gridhall.kit.clock import Clock
from gridhall.kit.ids import new_id
from gridhall.metering.feed.batches.hashed import HashedBody
from gridhall.metering.feed.batches.model import LEASE, Batch, batch_id
from gridhall.metering.feed.batches.repository import BatchRepository
from gridhall.metering.feed.clients import FeedClient
from gridhall.metering.feed.intake import IntakeStores, Stored, take
from gridhall.metering.feed.model import IntakeReport, Limits


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a batch. replayed: when it came the first time; this time nothing was done."""

    report: IntakeReport
    replayed: bool = False


async def take_once(
    *,
    key: str,
    client: FeedClient,
    chunks: AsyncIterator[bytes],
    format: str,
    stores: IntakeStores,
    batches: BatchRepository,
    limits: Limits,
    remembered_for: timedelta,
    clock: Clock,
    stored: Stored | None = None,
) -> Answer:
    """Take a client's batch unless it was taken under this key before. `stored` is as of `take`.

    A batch that fails is forgotten, one whose process died is waited for until its lease ends; after that it may be
    sent again, and what was stored of it is found to be a duplicate. Raises what `take` raises, BatchUnderWayError
    while somebody else takes it, and KeyUsedError where the key was used for another body.
    """
    body = HashedBody(chunks, format)
    batch = await _begin(batch_id(client=client.name, key=key), batches, clock, remembered_for)
    if batch.report:
        if await body.digest(most=limits.max_bytes) != batch.digest:
            raise KeyUsedError(key)
        return Answer(batch.report, replayed=True)
    try:
        async with _renewing(batch, batches, clock):
            report = await take(
                chunks=body.read(),
                format=format,
                source=client.source(batch=key),
                stores=stores,
                limits=limits,
                now=clock.now(),
                stored=stored,
            )
            digest = await body.digest(most=limits.max_bytes)
    except BaseException:
        await batches.forget(batch)
        raise
    await batches.finish(batch, digest=digest, report=report, expires_at=clock.now() + remembered_for)
    return Answer(report)


async def _begin(id: str, batches: BatchRepository, clock: Clock, remembered_for: timedelta) -> Batch:
    """Return the batch, either finished or ours from now on."""
    now = clock.now()
    ours = Batch(id=id, owner=new_id(), leased_until=now + LEASE)
    if await batches.add(ours, expires_at=now + remembered_for):
        return ours
    found = await batches.by_id(id)
    if found and found.report:
        return found
    if found and found.leased_until <= now and await batches.take_over(found, ours):
        return ours
    raise BatchUnderWayError(found.leased_until - now if found else timedelta())


@asynccontextmanager
async def _renewing(batch: Batch, batches: BatchRepository, clock: Clock) -> AsyncIterator[None]:
    async def renew() -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            with suppress(Exception):  # the next turn may do; at worst the batch is taken twice, which harms nothing
                await batches.renew(batch, until=clock.now() + LEASE)

    renewing = asyncio.create_task(renew())
    try:
        yield
    finally:
        renewing.cancel()


class BatchUnderWayError(Exception):
    """Somebody takes this batch at the moment. wait_seconds: after so many it is worth asking again."""

    def __init__(self, left: timedelta) -> None:
        super().__init__("the batch is under way")
        self.wait_seconds = min(5, max(1, round(left.total_seconds())))


class KeyUsedError(ValueError):
    """The key was used for another body."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Idempotency-Key {key} was used for another body")
        self.key = key
