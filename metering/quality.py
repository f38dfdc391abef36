"""Quality codes of a reading, as ESPI 4.0 numbers them."""

from collections.abc import Iterable
from enum import IntEnum


class Quality(IntEnum):
    """How a value came to be. Source: NAESB REQ.21 (ESPI) 4.0, QualityOfReading."""

    VALID = 0
    EDITED = 7
    ESTIMATED = 8
    INTERPOLATED = 9
    QUESTIONABLE = 10
    DERIVED = 11
    PROJECTED = 12
    MIXED = 13
    RAW = 14
    WEATHER_NORMALISED = 15
    OTHER = 16
    VALIDATED = 17
    VERIFIED = 18
    REVENUE = 19


CODES = frozenset(int(code) for code in Quality)
"""Every code that a reading may carry."""

ESTIMATES = frozenset({8, 9, 11, 12})
"""Codes of values that no meter measured; the measured value replaces them, never the other way round."""

UNSURE = ESTIMATES | {Quality.QUESTIONABLE, Quality.MIXED}
"""Codes of what is not wholly measured: estimates, values in doubt, and sums that mix such with measured ones."""

_BEST_FIRST = (19, 18, 17, 0, 14, 7, 15, 13, 16, 11, 9, 8, 12, 10)
_RANK = {code: rank for rank, code in enumerate(_BEST_FIRST)}


def worst(codes: Iterable[int]) -> int | None:
    """Return the code that deserves the least trust, None of none.

    ESPI gives the codes no order; ours puts measured before edited, edited before estimated, questionable last.
    """
    return max(codes, key=_RANK.__getitem__, default=None)
