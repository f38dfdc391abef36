"""A checked portion in lanes that are stored side by side: while the database works on one, we work on another."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Final, TypeVar

from gridhall.metering.feed.door import Checked
from gridhall.metering.histories.model import DayPiece

T = TypeVar("T")

_LANES: Final = 3
_ONE_LANE_BELOW: Final = 600
"""Pieces that are not worth more round trips."""

_LAST_OF_POINT: Final = 15
"""The last byte of a service point in a key, which is as good as random."""


def in_lanes(checked: Checked) -> list[Checked]:
    """Return the same work in parts that share no service point, so that none stands in another's way."""
    if max(map(len, checked.waves), default=0) < _ONE_LANE_BELOW:
        return [checked]
    lanes = [Checked(waves=[_lane(wave, number) for wave in checked.waves]) for number in range(_LANES)]
    lanes[0].registers, lanes[0].refused, lanes[0].repeated = checked.registers, checked.refused, checked.repeated
    return lanes


async def all_of(works: Sequence[Awaitable[T]]) -> list[T]:
    """Return what each work returned, when all of them have ended; raise what the first that failed raised."""
    done = await asyncio.gather(*works, return_exceptions=True)
    results: list[T] = []
    for one in done:
        if isinstance(one, BaseException):
            raise one
        results.append(one)
    return results


def _lane(wave: Sequence[DayPiece], number: int) -> list[DayPiece]:
    return [piece for piece in wave if piece.key[_LAST_OF_POINT] % _LANES == number]
