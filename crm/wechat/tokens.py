"""WeChat's access token, held once for all processes: kept in Redis, fetched by one at a time.

The stable token lives 7,200 s. WeChat makes the next one five minutes before the end, and both are good meanwhile; so
ours is kept until four minutes before the end, and the fetch after that brings the next one. It is never forced: a
forced one ends the old one at once under the hands of other processes.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, cast

from redis.asyncio import Redis

from gridhall.crm.wechat.model import WeChatUnavailableError
from gridhall.kit.redis import is_redis_trouble

_BEFORE_THE_END_SECONDS: Final = 240
_FIRST_LOOK_SECONDS: Final = 0.02

_DELETE_IF_SAME: Final = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
"""Who lets go of a lock, or throws a token away, means the one it saw, and never one that came after it."""

FetchToken = Callable[[], Awaitable[tuple[str, int]]]
"""Asks WeChat for the token and the seconds it still lives. Raises WeChatUnavailableError."""


class AccessTokenStore:
    """The token of one mini-program.

    redis: None where a process has none; it then gets no token. fetch_seconds: longest that a fetch may take; nobody
    waits for another's longer than that, and a lock whose holder died ends then.
    """

    def __init__(self, *, redis: "Redis | None", appid: str, fetch_seconds: float) -> None:
        self._maybe_redis = redis
        self._key = f"gridhall:wechat:{appid}:access-token"
        self._lock = f"{self._key}:lock"
        self._fetch_seconds = fetch_seconds

    async def current(self, fetch: FetchToken) -> str:
        """Return the token that is good now. Raises WeChatUnavailableError, also where Redis is away."""
        async with _without_redis_unavailable():
            return await self._kept() or await self._fetched_once(fetch)

    async def instead_of(self, refused: str, fetch: FetchToken) -> str:
        """Return another token than the one that WeChat refused, which another process may have fetched already."""
        async with _without_redis_unavailable():
            await self._run(_DELETE_IF_SAME, self._key, refused)
            return await self._kept() or await self._fetched_once(fetch)

    async def close(self) -> None:
        """Close the connection to Redis."""
        if self._maybe_redis is not None:
            await self._maybe_redis.aclose()

    @property
    def _redis(self) -> "Redis":
        if self._maybe_redis is None:
            raise WeChatUnavailableError("no-redis")
        return self._maybe_redis

    async def _kept(self) -> str | None:
        return cast("str | None", await self._redis.get(self._key))

    async def _fetched_once(self, fetch: FetchToken) -> str:
        owner, pause = secrets.token_hex(8), _FIRST_LOOK_SECONDS
        loop = asyncio.get_running_loop()
        until = loop.time() + self._fetch_seconds
        while loop.time() < until:
            if await self._redis.set(self._lock, owner, nx=True, px=int(self._fetch_seconds * 1000)):
                try:
                    return await self._kept() or await self._fetched(fetch)
                finally:
                    await self._run(_DELETE_IF_SAME, self._lock, owner)
            await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - jitter
            pause = min(2 * pause, 0.2)
            if (token := await self._kept()) is not None:
                return token
        raise WeChatUnavailableError("token-wait")

    async def _fetched(self, fetch: FetchToken) -> str:
        token, seconds = await fetch()
        kept_for = seconds - _BEFORE_THE_END_SECONDS if seconds > 2 * _BEFORE_THE_END_SECONDS else seconds / 2
        await self._redis.set(self._key, token, px=max(1, int(kept_for * 1000)))
        return token

    async def _run(self, script: str, key: str, value: str) -> None:
        await self._redis.eval(script, 1, key, value)


@asynccontextmanager
async def _without_redis_unavailable() -> AsyncIterator[None]:
    try:
        yield
    except WeChatUnavailableError:
        raise
    except Exception as error:
        if is_redis_trouble(error):
            raise WeChatUnavailableError("redis") from error
        raise
