"""A consumer: takes entries, stores them, and acknowledges them when everything of them is durable, never before."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from gridhall.kit.clock import Clock
from gridhall.kit.log import logger
from gridhall.metering.feed.stream import measures
from gridhall.metering.feed.stream.appetite import Appetite
from gridhall.metering.feed.stream.deadletters import Delivered
from gridhall.metering.feed.stream.patience import Patience, StoppedError
from gridhall.metering.feed.stream.portions import Portion, PortionIntake
from gridhall.metering.feed.stream.redis_stream import ReadingStream, is_group_missing
from gridhall.metering.feed.stream.supply import Pace, Supply

_TEND_SECONDS: Final = 1.0
_TEND_END_SECONDS: Final = 3.0
_GONE_AFTER: Final = 10
"""A consumer that was silent for as many claim times, and holds nothing, is taken out of the group."""

_log = logger("metering.feed.stream")


class Consumer:
    """One process's way through the stream: while one portion is stored, the next is read and checked."""

    def __init__(
        self, *, name: str, stream: ReadingStream, intake: PortionIntake, pace: Pace, clock: Clock, stop: asyncio.Event
    ) -> None:
        self._name, self._stream, self._intake, self._pace, self._clock = name, stream, intake, pace, clock
        self._stop = stop
        self._patience = Patience(stop=stop, mend=self._mend)
        self._supply = Supply(stream=stream, consumer=name, pace=pace)
        self._appetite = Appetite(usual=pace.batch_bytes, most=pace.backlog_bytes)
        self._in_hand: set[str] = set()
        self._done = asyncio.Event()

    @property
    def is_ready(self) -> bool:
        """Whether the servers answer, as far as is known."""
        return not self._patience.troubled

    async def run(self) -> None:
        """Work until told to stop; then finish what is in hand and leave the group."""
        tending = asyncio.create_task(self._tend())
        try:
            await self._patience.do(self._stream.prepare)
            await self._work()
        except StoppedError:
            _log.warning("stopped while a server is away", unacknowledged=len(self._in_hand))
        finally:
            self._done.set()
            await asyncio.wait([tending], timeout=_TEND_END_SECONDS)
            tending.cancel()
        if not self._in_hand:
            with suppress(Exception):  # whoever finds Redis away simply stays listed
                await self._stream.trim()
                await self._stream.leave(self._name)

    async def _work(self) -> None:
        storing: asyncio.Task[None] | None = None
        try:
            while not self._stop.is_set():
                entries, portion = await self._gathered()
                if not entries:
                    continue
                if storing:
                    await storing
                storing = asyncio.create_task(self._finish(entries, portion))
        finally:
            if storing:
                await storing

    async def _gathered(self) -> tuple[Sequence[Delivered], Portion | Exception]:
        """Return what waits, as much as a portion may hold now; and the portion, or what made it fail."""
        portion, entries, is_met = Portion(), list[Delivered](), False
        came = await self._patience.do(lambda: self._supply.next(in_hand=self._in_hand))
        while came:
            entries += came
            self._in_hand.update(one.id for one in came)
            failure = await self._failure_of(portion, came)
            if failure:
                return entries, failure
            is_met = self._appetite.is_met(size=portion.size, entries=len(entries))
            if is_met or came[0].deliveries > 1 or self._stop.is_set():
                break
            came = await self._patience.do(self._supply.more)
        self._appetite.learn(met=is_met)
        return entries, portion

    async def _failure_of(self, portion: Portion, entries: Sequence[Delivered]) -> Exception | None:
        """Lay entries to a portion; return what they made it fail with, after which it is good for nothing."""
        worn_out = next((one for one in entries if one.deliveries > 2 * self._pace.tries), None)
        if worn_out:
            return WornOutError(f"no consumer came to its end, {worn_out.deliveries - 1} times")
        try:
            size = await self._patience.do(lambda: self._intake.take(portion, entries, now=self._clock.now()))
        except StoppedError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an entry does to us, the others go on
            return error
        self._supply.learn(size=size, entries=len(entries))
        return None

    async def _finish(self, entries: Sequence[Delivered], portion: Portion | Exception) -> None:
        """Store a portion and acknowledge its entries; a portion that failed is tried again by halves."""
        if isinstance(portion, Exception):
            await self._after_failure(entries, portion)
            return
        began = time.perf_counter()
        try:
            stored = await self._patience.do(lambda: self._intake.store(portion, now=self._clock.now()))
        except StoppedError:
            raise
        except Exception as error:  # noqa: BLE001 - see above
            await self._after_failure(entries, error)
            return
        measures.SECONDS.observe(time.perf_counter() - began)
        await self._acknowledge(entries)
        measures.count_stored(stored, entries=len(entries))

    async def _after_failure(self, entries: Sequence[Delivered], error: Exception) -> None:
        """Try entries that failed together by halves; one that fails alone waits for its next try, or is given up."""
        if len(entries) > 1:
            middle = len(entries) // 2
            for half in (entries[:middle], entries[middle:]):
                portion = Portion()
                await self._finish(half, await self._failure_of(portion, half) or portion)
            return
        one = entries[0]
        reason = f"{type(error).__name__}: {error}"
        if one.deliveries < self._pace.tries:
            _log.error("an entry failed", entry=one.id, deliveries=one.deliveries, exc_info=error)
            measures.ENTRIES.labels("failed").inc()
            self._in_hand.discard(one.id)
            return
        _log.error("an entry is given up", entry=one.id, deliveries=one.deliveries, exc_info=error)
        await self._patience.do(lambda: self._intake.give_up(one, reason=reason, now=self._clock.now()))
        await self._acknowledge(entries)
        measures.ENTRIES.labels("given-up").inc()

    async def _acknowledge(self, entries: Sequence[Delivered]) -> None:
        ids = [one.id for one in entries]
        await self._patience.do(lambda: self._stream.acknowledge(ids))
        self._in_hand.difference_update(ids)

    async def _tend(self) -> None:
        """Hold what is in hand, shorten the stream, show how far it is, and take dead consumers out."""
        while not self._done.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._done.wait(), min(_TEND_SECONDS, self._pace.claim_seconds / 4))
            try:
                await self._stream.hold(list(self._in_hand), consumer=self._name)
                await self._stream.trim()
                status = await self._stream.status()
                gone_ms = int(self._pace.claim_seconds * 1000 * _GONE_AFTER)
                for one in status.consumers:
                    if not one.pending and one.idle_seconds * 1000 >= gone_ms:
                        await self._stream.leave(one.name, idle_ms=gone_ms)
                measures.show(status, now=self._clock.now())
            except Exception as error:  # noqa: BLE001 - readings are stored without it, so it must not end
                _log.warning("the stream is not tended", error=type(error).__name__)

    async def _mend(self, error: BaseException) -> None:
        if is_group_missing(error):
            await self._stream.prepare()


class WornOutError(RuntimeError):
    """An entry was taken by one consumer after another, and none of them lived to say what became of it."""
