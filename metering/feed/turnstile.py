"""How many batches a process takes at once: each holds some of its memory."""

from collections.abc import Iterator
from contextlib import contextmanager


class Turnstile:
    """Lets so many in and turns others away; a sender that has to wait keeps its rows better than our memory does."""

    def __init__(self, places: int) -> None:
        self._free = places

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place. Raises NoPlaceError where none is free."""
        if not self._free:
            raise NoPlaceError
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


class NoPlaceError(Exception):
    """The process takes as many batches as it may."""

    def __init__(self) -> None:
        super().__init__("every place is taken")
