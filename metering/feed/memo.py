"""Remembering what a check said of a text: a feed says the same few thousand numbers and instants over and over."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_MOST: Final = 100_000
"""Answers kept at most; then all are forgotten, which costs little and keeps memory bounded."""


class Memo(dict[K, V], Generic[K, V]):
    """The answers of `check` by its argument; asking is one dictionary look-up. What raises is not remembered."""

    def __init__(self, check: Callable[[K], V]) -> None:
        super().__init__()
        self._check = check

    def __missing__(self, key: K) -> V:
        value = self._check(key)
        if len(self) >= _MOST:
            self.clear()
        self[key] = value
        return value
