"""Every Redis command of the feed's stream and its consumer group."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ResponseError

Fields = Mapping[bytes, bytes]

_NOTHING: Final = "0-0"
_LEAVE: Final = """
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
    local told = {}
    for at = 1, #consumer, 2 do told[consumer[at]] = consumer[at + 1] end
    if told['name'] == ARGV[2] and told['pending'] == 0 and told['idle'] >= tonumber(ARGV[3]) then
        return redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
    end
end
"""
"""Removes a consumer in one step with the look whether it has entries: those would be forgotten with it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that was delivered and not acknowledged. deliveries: how often so far."""

    id: str
    consumer: str
    deliveries: int


@dataclass(frozen=True, slots=True)
class ConsumerStatus:
    """A consumer of the group. idle_seconds: since it last asked for anything."""

    name: str
    pending: int
    idle_seconds: float


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """How far the group is.

    length: entries in the stream. lag: those that were delivered to nobody, None where the server cannot tell.
    oldest: id of the first entry that is not acknowledged, None where all are.
    """

    length: int
    lag: int | None
    pending: int
    oldest: str | None
    consumers: tuple[ConsumerStatus, ...]


class ReadingStream:
    """The stream as one consumer group sees it. All methods raise redis-py's errors where Redis is away."""

    def __init__(self, redis: "Redis", *, name: str, group: str) -> None:
        self._redis: Any = redis  # its commands are typed as answers of the blocking or the other client
        self.name = name
        self.group = group

    async def prepare(self) -> None:
        """Make the stream and the group where they are not there; the group begins with the first entry kept."""
        try:
            await self._redis.xgroup_create(self.name, self.group, id=_NOTHING, mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def add(self, fields: Fields) -> str:
        """Append an entry and return its id. Nothing is ever cut off for it: only `trim` shortens the stream."""
        return _text(await self._redis.xadd(self.name, dict(fields)))

    async def length(self) -> int:
        """Return how many entries there are."""
        return int(await self._redis.xlen(self.name))

    async def fresh(self, *, consumer: str, count: int, wait_ms: int | None) -> list[tuple[str, Fields]]:
        """Return entries that were delivered to nobody, at most `count`; wait for the first one, or not at all."""
        answer = await self._redis.xreadgroup(self.group, consumer, {self.name: ">"}, count=count, block=wait_ms)
        return _entries(answer[0][1]) if answer else []

    async def waiting(self, *, idle_ms: int, count: int, consumer: str | None = None) -> list[Waiting]:
        """Return the oldest entries that wait for an acknowledgement for so long, of all consumers or of one."""
        found = await self._redis.xpending_range(
            self.name, self.group, "-", "+", count, consumername=consumer, idle=idle_ms
        )
        return [Waiting(_text(one["message_id"]), _text(one["consumer"]), one["times_delivered"]) for one in found]

    async def claim(self, ids: Sequence[str], *, consumer: str, idle_ms: int) -> list[tuple[str, Fields]]:
        """Take those entries over that still wait for so long; each counts as delivered once more."""
        if not ids:
            return []
        return _entries(await self._redis.xclaim(self.name, self.group, consumer, idle_ms, list(ids)))

    async def hold(self, ids: Collection[str], *, consumer: str) -> None:
        """Say that work on the entries goes on, so that nobody takes them over."""
        if ids:
            await self._redis.xclaim(self.name, self.group, consumer, 0, list(ids), justid=True)

    async def acknowledge(self, ids: Collection[str]) -> None:
        """Say that the entries are stored for good."""
        if ids:
            await self._redis.xack(self.name, self.group, *ids)

    async def trim(self) -> int:
        """Remove the entries that every group has acknowledged; return how many.

        Of each group the last delivered entry is read first and the oldest unacknowledged one after it: whatever is
        delivered between the two only lies behind both, so nothing pending or undelivered is ever removed.
        """
        bounds = []
        for group in await self._redis.xinfo_groups(self.name):
            oldest = (await self._redis.xpending(self.name, group["name"]))["min"]
            bounds.append(_number(oldest) if oldest else _after(group["last-delivered-id"]))
        if not bounds:
            return 0
        milliseconds, number = min(bounds)
        return int(await self._redis.xtrim(self.name, minid=f"{milliseconds}-{number}", approximate=False))

    async def leave(self, consumer: str, *, idle_ms: int = 0) -> None:
        """Take a consumer out of the group, unless entries wait for it or it was heard of lately."""
        await self._redis.eval(_LEAVE, 1, self.name, self.group, consumer, idle_ms)

    async def status(self) -> StreamStatus:
        """Return how far the group is. Raises redis-py's ResponseError where there is no stream."""
        groups = {_text(group["name"]): group for group in await self._redis.xinfo_groups(self.name)}
        group = groups.get(self.group)
        length = await self.length()
        if group is None:
            return StreamStatus(length, length, 0, None, ())
        pending = await self._redis.xpending(self.name, self.group)
        oldest = pending["min"]
        if oldest is None:
            after = await self._redis.xrange(self.name, f"({_text(group['last-delivered-id'])}", "+", count=1)
            oldest = after[0][0] if after else None
        consumers = await self._redis.xinfo_consumers(self.name, self.group)
        return StreamStatus(
            length=length,
            lag=group.get("lag"),
            pending=pending["pending"],
            oldest=_text(oldest) if oldest else None,
            consumers=tuple(
                ConsumerStatus(_text(one["name"]), one["pending"], one["idle"] / 1000) for one in consumers
            ),
        )

    async def close(self) -> None:
        """Close the connection."""
        await self._redis.aclose()


def is_group_missing(error: BaseException) -> bool:
    """Say whether Redis has forgotten the stream or the group, as one does that lost its data."""
    return isinstance(error, ResponseError) and str(error).startswith("NOGROUP")


def _entries(answer: Iterable[tuple[bytes, dict[bytes, bytes] | None]]) -> list[tuple[str, Fields]]:
    return [(_text(id_), fields) for id_, fields in answer if fields is not None]


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _number(id_: bytes | str) -> tuple[int, int]:
    milliseconds, _, number = _text(id_).partition("-")
    return int(milliseconds), int(number)


def _after(id_: bytes | str) -> tuple[int, int]:
    milliseconds, number = _number(id_)
    return milliseconds, number + 1
