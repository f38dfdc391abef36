"""The words by which senders say that there is no value. A missing value is not zero, and it is no fault either."""

from collections.abc import Sequence
from typing import Final

WORDS: Final = frozenset({"", "-", "--", "—", "——"})
"""Source: the payloads of State Grid, where a day that was not read has a dash."""


def is_missing(value: object) -> bool:
    """Tell whether a value says that there is none."""
    return value is None or (isinstance(value, str) and value in WORDS)


def with_gaps(values: Sequence[str | int | None]) -> list[str | int | None]:
    """Return the values with None for each that is missing."""
    if WORDS.isdisjoint(values):
        return list(values)
    return [None if value in WORDS else value for value in values]
