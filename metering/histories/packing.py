"""Packed values of a day: unsigned little-endian integers in the smallest width that holds them.

The largest number of a width stands for a missing slot; in Python a missing slot is MISSING (-1).
"""

import sys
from array import array
from collections.abc import Sequence
from typing import Final

MISSING: Final = -1
MISSING_QUALITY: Final = 255
MAX_VALUE: Final = 2**53
"""Largest value of one slot, so that the sum of a day of 5-minute slots stays within 64 bits."""

_TYPES = {array(code).itemsize: code for code in "BHIQ"}
_SWAP = sys.byteorder == "big"


def pack(values: Sequence[int]) -> bytes:
    """Pack integers of 0 and more, or MISSING. Raises ValueError where one is beyond MAX_VALUE."""
    most = max(values, default=0)
    if most > MAX_VALUE:
        raise ValueError(f"{most} is more than one slot can hold")
    width = next(width for width in (1, 2, 4, 8) if most < (1 << 8 * width) - 1)
    if min(values, default=0) < 0:
        missing = (1 << 8 * width) - 1
        values = [missing if value < 0 else value for value in values]
    packed = array(_TYPES[width], values)
    if _SWAP:
        packed.byteswap()
    return packed.tobytes()


def unpack(packed: bytes, *, slots: int) -> list[int]:
    """Return the `slots` values that were packed."""
    width = len(packed) // slots
    values = array(_TYPES[width])
    values.frombytes(packed)
    if _SWAP:
        values.byteswap()
    missing = (1 << 8 * width) - 1
    unpacked = values.tolist()
    if missing in unpacked:
        return [MISSING if value == missing else value for value in unpacked]
    return unpacked


def pack_quality(codes: bytes) -> int | bytes:
    """Return the one code where all present slots have the same, else the codes a slot; 255 is a missing slot."""
    met = set(codes)
    met.discard(MISSING_QUALITY)
    return met.pop() if len(met) == 1 else codes


def unpack_quality(quality: int | bytes, values: Sequence[int]) -> bytearray:
    """Return a code a slot, 255 where the value is missing."""
    if isinstance(quality, bytes):
        return bytearray(quality)
    if MISSING not in values:
        return bytearray([quality]) * len(values)
    return bytearray([MISSING_QUALITY if value < 0 else quality for value in values])
