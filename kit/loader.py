"""Reads by key that arrive together travel together.

One loader a process and collection: it keeps at most two queries in flight and answers all that came meanwhile
by one. It fetches by key only what the caller was already allowed to see.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_IN_FLIGHT: Final = 2
_MOST_KEYS: Final = 500


class Loader(Generic[K, V]):
    """Joins concurrent reads by key. Nothing is cached: a key is asked again by the next read."""

    def __init__(self, fetch: Callable[[list[K]], Awaitable[Mapping[K, V]]]) -> None:
        """Take the function that fetches many keys in one round trip and leaves out what is not there."""
        self._fetch = fetch
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def load(self, key: K) -> V | None:
        """Return the value of a key, or None. Raises what the fetch raised."""
        future = self._waiting.get(key)
        if future is None:
            future = asyncio.get_running_loop().create_future()
            self._waiting[key] = future
            self._start()
        return await asyncio.shield(future)

    def _start(self) -> None:
        if self._waiting and len(self._running) < _IN_FLIGHT:
            task = asyncio.create_task(self._run())
            self._running.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._start()

    async def _run(self) -> None:
        # Others of the same turn of the loop still join: the batch is taken one turn later.
        await asyncio.sleep(0)
        keys = list(self._waiting)[:_MOST_KEYS]
        batch = {key: self._waiting.pop(key) for key in keys}
        if not batch:
            return
        try:
            found = await self._fetch(keys)
        except Exception as error:  # noqa: BLE001 - whatever went wrong goes to those who wait
            for future in batch.values():
                if not future.done():
                    future.set_exception(error)
            return
        for key, future in batch.items():
            if not future.done():
                future.set_result(found.get(key))
