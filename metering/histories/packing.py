"""Packed values of a day: unsigned little-endian integers in the smallest width that holds them.

The largest number of a width stands for a missing slot; in Python a missing slot is MISSING (-1).
"""

import sys
from array import array
from collections.abc import Sequence
from math import gcd
from struct import Struct
from typing import Final

MISSING: Final = -1
MISSING_QUALITY: Final = 255
MAX_VALUE: Final = 2**53
"""Largest value of one slot, so that the sum of a day of 5-minute slots stays within 64 bits."""

_TYPES = {array(code).itemsize: code for code in "BHIQ"}
_SWAP = sys.byteorder == "big"
_ABOVE = Struct("<QQI")
_DAY_SECONDS = 86_400


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


def count_present(packed: bytes, *, slots: int) -> int:
    """Return how many of the `slots` values that were packed are not missing."""
    width = len(packed) // slots
    missing = b"\xff" * width
    if missing not in packed:
        return slots
    values = array(_TYPES[width])
    values.frombytes(packed)
    return slots - values.count((1 << 8 * width) - 1)


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


def pack_versions(versions: Sequence[int] | None, values: Sequence[int]) -> int | bytes:
    """Return the one version that all present slots have, else what tells the versions a slot.

    None is 0 for all. Versions are often the seconds of an epoch at which a value was made, soon after its slot, so
    what is packed a slot is only how many steps each lies above the lowest, or above the lowest and the time since the
    day began, whichever takes less room. Before them stand lowest, step and the seconds a slot. A missing slot has no
    version, and is written as the lowest.
    """
    if versions is None:
        return 0
    present = [slot for slot, value in enumerate(values) if value >= 0]
    met = {versions[slot] for slot in present}
    if len(met) < 2:  # noqa: PLR2004 - one for all, or none at all
        return min(met, default=0)
    seconds = _DAY_SECONDS // len(values)
    found = [_packed(versions, present, slots=len(values), seconds=0)]
    if all(versions[slot] >= slot * seconds for slot in present):
        found.append(_packed(versions, present, slots=len(values), seconds=seconds))
    return min(found, key=len)


def is_room_for_unversioned(versions: int | bytes) -> bool:
    """Say whether packed versions stay as they are when an empty slot is given a value of version 0."""
    if isinstance(versions, int):
        return versions == 0
    lowest, _, seconds = _ABOVE.unpack_from(versions)
    return not (lowest or seconds)


def _packed(versions: Sequence[int], present: Sequence[int], *, slots: int, seconds: int) -> bytes:
    above = {slot: versions[slot] - slot * seconds for slot in present}
    lowest = min(above.values())
    step = gcd(*(version - lowest for version in above.values())) or 1
    steps = [(above.get(slot, lowest) - lowest) // step for slot in range(slots)]
    return _ABOVE.pack(lowest, step, seconds) + pack(steps)


def unpack_versions(versions: int | bytes, values: Sequence[int]) -> list[int]:
    """Return a version a slot, 0 where the value is missing."""
    if isinstance(versions, int):
        return [versions if value >= 0 else 0 for value in values]
    lowest, step, seconds = _ABOVE.unpack_from(versions)
    steps = unpack(versions[_ABOVE.size :], slots=len(values))
    return [
        lowest + slot * seconds + one * step if value >= 0 else 0
        for slot, (one, value) in enumerate(zip(steps, values, strict=True))
    ]
