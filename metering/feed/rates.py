"""How much a feed client hands in a minute, counted in Redis so that all processes count together.

Fails open: where Redis is away everything is let in. A limit guards the service against a sender gone wild, which is
rare; readings that are turned away because a counter is lost would be missed at once. MongoDB is the truth of both.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from redis.asyncio import Redis

from gridhall.kit.log import logger
from gridhall.kit.redis import is_redis_trouble
from gridhall.kit.settings import Settings

_log = logger("feed")
_WINDOW: Final = 60
_KEPT: Final = 2 * _WINDOW


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests and readings of a client in a minute of the clock; 0 is no limit.

    A request counts when it comes. How many readings it has is known when they are stored, so a client that has used
    its readings up waits for the next minute, and the batch that used them up is taken whole.
    """

    redis: "Redis | None"
    requests: int
    readings: int

    @classmethod
    def of(cls, settings: Settings, *, redis: "Redis | None") -> "Rates":
        """Return the rates that the settings allow."""
        return cls(redis, settings.feed_requests_a_minute, settings.feed_readings_a_minute)

    async def admit(self, client: str, *, now: datetime) -> int | None:
        """Count a request; return None where it may go on, or in how many seconds it may come again."""
        if self.redis is None:
            return None
        requests, readings = _keys(client, now)
        try:
            pipeline: Any = self.redis.pipeline(transaction=False)
            pipeline.incr(requests).expire(requests, _KEPT).get(readings)
            came, _, taken = await pipeline.execute()
        except Exception as error:
            if not is_redis_trouble(error):
                raise
            _log.warning("feed rates are not counted", error=type(error).__name__)
            return None
        if (self.requests and came > self.requests) or (self.readings and int(taken or 0) >= self.readings):
            return _WINDOW - int(now.timestamp()) % _WINDOW
        return None

    async def count(self, client: str, *, readings: int, now: datetime) -> None:
        """Count readings that were handed in."""
        if self.redis is None or not readings:
            return
        _, key = _keys(client, now)
        try:
            pipeline: Any = self.redis.pipeline(transaction=False)
            await pipeline.incrby(key, readings).expire(key, _KEPT).execute()
        except Exception as error:
            if not is_redis_trouble(error):
                raise
            _log.warning("feed rates are not counted", error=type(error).__name__)


def _keys(client: str, now: datetime) -> tuple[str, str]:
    minute = int(now.timestamp()) // _WINDOW
    return f"feed:rate:{client}:{minute}:requests", f"feed:rate:{client}:{minute}:readings"
