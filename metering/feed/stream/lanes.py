"""A portion in loads that lanes store side by side: while the database works on one, we work on another."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, TypeVar

from gridhall.metering.feed.door import Checked

T = TypeVar("T")

_LANES: Final = 3
_LEAST: Final = 600
"""Pieces below which a load is not worth more round trips."""

_MOST: Final = 4000
"""Pieces of a load; the days that are read and made for it are held at once."""

_RANDOM: Final = slice(13, 16)
"""The last bytes of a service point in a key, which are as good as random."""


def in_loads(checked: Checked) -> list[Checked]:
    """Return the same work in parts that share no service point, so that none stands in another's way."""
    most = max(map(len, checked.waves), default=0)
    count = max(min(_LANES, most // _LEAST), -(-most // _MOST))
    if count <= 1:
        return [checked]
    loads = [Checked(waves=[[] for _ in checked.waves]) for _ in range(count)]
    for number, wave in enumerate(checked.waves):
        for piece in wave:
            loads[int.from_bytes(piece.key[_RANDOM]) % count].waves[number].append(piece)
    loads[0].registers, loads[0].refused, loads[0].repeated = checked.registers, checked.refused, checked.repeated
    return loads


async def by_lanes(loads: Sequence[Checked], store: Callable[[Checked], Awaitable[T]]) -> list[T]:
    """Return what storing each load returned; raise what the first lane that failed raised, when all have ended."""
    waiting = iter(loads)
    done = await asyncio.gather(*(_lane(waiting, store) for _ in range(_LANES)), return_exceptions=True)
    results: list[T] = []
    for one in done:
        if isinstance(one, BaseException):
            raise one
        results += one
    return results


async def _lane(waiting: Iterator[Checked], store: Callable[[Checked], Awaitable[T]]) -> list[T]:
    return [await store(load) for load in waiting]
