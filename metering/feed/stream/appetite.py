"""How much a portion may hold: little while the consumer keeps up, more and more while it does not.

A day of a meter is written anew once a portion, so a portion with four quarters of an hour of each meter costs the
database a fourth for each. Who is behind therefore takes more at once and catches up; who keeps up takes what is there,
and what a meter says can be seen at once.
"""

from typing import Final

_MOST_ENTRIES: Final = 10_000
"""Every entry in hand is named to Redis about once a second, and when it is acknowledged."""


class Appetite:
    """What one consumer may take at once, in bytes of rows: `usual`, then twice as much each time that was too little.

    most: where that ends. usual: where it begins anew, as soon as all that waited went into one portion.
    """

    def __init__(self, *, usual: int, most: int) -> None:
        self._usual, self._most = usual, max(usual, most)
        self.size = usual

    def is_met(self, *, size: int, entries: int) -> bool:
        """Say whether nothing more goes into a portion."""
        return size >= self.size or entries >= _MOST_ENTRIES

    def learn(self, *, met: bool) -> None:
        """Take what became of a portion into account: whether it was closed before all that waited was in it."""
        self.size = min(2 * self.size, self._most) if met else self._usual
