"""Longer slots out of shorter ones: quarters into half hours and hours. Pure."""

from collections.abc import Sequence

from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY
from gridhall.metering.quality import worst


def coarsen(values: Sequence[int], qualities: Sequence[int], *, by: int) -> tuple[list[int], list[int]]:
    """Join each `by` slots into one: their sum, and the worst of their codes.

    A longer slot is missing where any of its parts is, because a part of an hour is not the hour.
    """
    if by == 1:
        return list(values), list(qualities)
    if MISSING not in values and len(set(qualities)) == 1:
        energy = list(map(sum, zip(*[iter(values)] * by, strict=True)))
        return energy, [qualities[0]] * len(energy)
    energy, codes = [], []
    for first in range(0, len(values), by):
        parts = values[first : first + by]
        missing = MISSING in parts
        energy.append(MISSING if missing else sum(parts))
        codes.append(MISSING_QUALITY if missing else worst(qualities[first : first + by]) or 0)
    return energy, codes
