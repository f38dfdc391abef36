"""What a consumer works on next: entries of consumers that died go before new ones."""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from gridhall.metering.feed.stream.deadletters import Delivered
from gridhall.metering.feed.stream.redis_stream import ReadingStream, Waiting

_FIRST_COUNT: Final = 8
_MOST: Final = 1000
_STEP_BYTES: Final = 2**18
"""Of rows, unpacked, to ask for at once: between two steps everything else has its turn."""

_WAIT_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Pace:
    """How a consumer goes. The settings `feed_stream_*` say what each means."""

    batch_bytes: int
    backlog_bytes: int
    claim_seconds: float
    tries: int


class Supply:
    """The entries for one consumer.

    An entry that was delivered `tries` times is suspect: it, or one beside it, has ended every consumer so far. It is
    claimed by itself, so that from then on its count says something of itself alone. What others left behind is taken
    in small steps and not with anything new, whatever the size of the portion in which it was lost.
    """

    def __init__(self, *, stream: ReadingStream, consumer: str, pace: Pace) -> None:
        self._stream, self._consumer, self._pace = stream, consumer, pace
        self._step, self._count = min(_STEP_BYTES, pace.batch_bytes), _FIRST_COUNT
        self._suspects: deque[Waiting] = deque()
        self._own = True
        self._look_at = 0.0

    async def next(self, *, in_hand: Collection[str]) -> list[Delivered]:
        """Return entries to begin a portion with, none where nothing came within a second."""
        if self._suspects:
            return await self._claim([self._suspects.popleft()], idle_ms=0)
        if asyncio.get_running_loop().time() >= self._look_at:
            found = await self._left_behind(in_hand)
            if found:
                return found
            self._look_at = asyncio.get_running_loop().time() + self._pace.claim_seconds / 2
        return await self._fresh(wait_ms=_WAIT_MS)

    async def more(self) -> list[Delivered]:
        """Return new entries to go on with, none where no more are there."""
        return await self._fresh(wait_ms=None)

    def learn(self, *, size: int, entries: int) -> None:
        """Ask for as many entries next time as make a step, if they are of the size of these."""
        self._count = max(1, min(_MOST, self._step * entries // max(size, 1)))

    async def _fresh(self, *, wait_ms: int | None) -> list[Delivered]:
        fresh = await self._stream.fresh(consumer=self._consumer, count=self._count, wait_ms=wait_ms)
        return [Delivered(id_, fields) for id_, fields in fresh]

    async def _left_behind(self, in_hand: Collection[str]) -> list[Delivered]:
        """Return entries that nobody works on: at first those of an earlier life under our name, then all idle ones."""
        idle_ms = 0 if self._own else int(self._pace.claim_seconds * 1000)
        owner = self._consumer if self._own else None
        found = await self._stream.waiting(idle_ms=idle_ms, count=self._count + len(in_hand), consumer=owner)
        left = [one for one in found if one.id not in in_hand]
        self._suspects += [one for one in left if one.deliveries >= self._pace.tries]
        others = [one for one in left if one.deliveries < self._pace.tries]
        claimed = await self._claim(others[: self._count], idle_ms=idle_ms)
        if self._own and not left:
            self._own = False
            return await self._left_behind(in_hand)
        if not claimed and self._suspects:
            return await self._claim([self._suspects.popleft()], idle_ms=idle_ms)
        return claimed

    async def _claim(self, waiting: Sequence[Waiting], *, idle_ms: int) -> list[Delivered]:
        before = {one.id: one.deliveries for one in waiting}
        claimed = await self._stream.claim(list(before), consumer=self._consumer, idle_ms=idle_ms)
        return [Delivered(id_, fields, before[id_] + 1) for id_, fields in claimed]
