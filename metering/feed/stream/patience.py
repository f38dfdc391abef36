"""Waiting for a server that is away: nothing is given up, and nobody comes back at the same moment as all others."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from gridhall.kit.log import logger
from gridhall.kit.mongo import is_unavailable
from gridhall.kit.redis import is_redis_trouble
from gridhall.metering.feed.stream import measures
from gridhall.metering.retry import ContendedError

T = TypeVar("T")

_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 10.0
_DOUBLED_AT_MOST: Final = 10

_log = logger("metering.feed.stream")


class Patience:
    """Does work until Redis and MongoDB let it be done, or until the process is told to stop."""

    def __init__(self, *, stop: asyncio.Event, mend: Callable[[BaseException], Awaitable[None]]) -> None:
        self._stop, self._mend = stop, mend
        self.troubled = False
        """Whether a server is away at present."""

    async def do(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what `work` does; while a server is away, try again with full jitter.

        Raises StoppedError where the process is told to stop meanwhile, and whatever else `work` raises.
        """
        attempt = 0
        while True:
            try:
                result = await work()
            except Exception as error:
                if not is_temporary(error):
                    raise
                self.troubled = True
                measures.TROUBLES.inc()
                _log.warning("waiting for a server", error=type(error).__name__, attempt=attempt)
                await self._pause(attempt)
                attempt += 1
                with suppress(Exception):  # if it is still away, the work says so
                    await self._mend(error)
            else:
                self.troubled = False
                return result

    async def _pause(self, attempt: int) -> None:
        longest = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(attempt, _DOUBLED_AT_MOST))
        try:
            async with asyncio.timeout(random.uniform(0, longest)):  # noqa: S311 - jitter
                await self._stop.wait()
        except TimeoutError:
            return
        raise StoppedError


def is_temporary(error: BaseException) -> bool:
    """Say whether it is a server's trouble, or other writers', and not that of the entries at hand."""
    return is_redis_trouble(error) or is_unavailable(error) or isinstance(error, ContendedError)


class StoppedError(Exception):
    """The process is told to stop; what is in hand stays unacknowledged, for the next consumer."""
