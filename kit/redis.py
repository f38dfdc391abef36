"""The Redis connection. Redis is lossy and may be away: whoever uses it says what is done without it."""

from redis.asyncio import Redis
from redis.exceptions import RedisError

_CONNECT_SECONDS = 1.0
_ANSWER_SECONDS = 1.0
_BULK_ANSWER_SECONDS = 10.0


def connect_redis(uri: str) -> "Redis":
    """Return a client of `uri` that speaks in text; nothing is sent before the first use, and nobody waits long."""
    return Redis.from_url(
        uri,
        decode_responses=True,
        socket_connect_timeout=_CONNECT_SECONDS,
        socket_timeout=_ANSWER_SECONDS,
        health_check_interval=30,
    )


def connect_redis_bytes(uri: str) -> "Redis":
    """Return a client of `uri` that gives back bytes as they came, and waits for large or blocking answers."""
    return Redis.from_url(
        uri,
        socket_connect_timeout=_CONNECT_SECONDS,
        socket_timeout=_BULK_ANSWER_SECONDS,
        health_check_interval=30,
    )


def is_redis_trouble(error: BaseException) -> bool:
    """Say whether Redis could not be reached, did not answer in time, or could not do what it was asked."""
    return isinstance(error, RedisError | OSError | TimeoutError)
