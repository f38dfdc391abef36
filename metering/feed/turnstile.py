"""How many batches a process takes at once: each holds some of its memory."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Turnstile:
    """Lets so many in and turns others away; a sender that has to wait keeps its rows better than our memory does.

    One client holds three quarters of the places at most, so that others come in however slowly it sends.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._each = max(1, places - places // 4)
        self._held = Counter[str]()

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """Hold a place. Raises NoPlaceError where none is free, or the client has its share."""
        if not self._free or self._held[client] >= self._each:
            raise NoPlaceError
        self._free -= 1
        self._held[client] += 1
        try:
            yield
        finally:
            self._free += 1
            self._held[client] -= 1
            self._held += Counter()  # forgets who holds none


class NoPlaceError(Exception):
    """The process takes as many batches as it may."""

    def __init__(self) -> None:
        super().__init__("every place is taken")
