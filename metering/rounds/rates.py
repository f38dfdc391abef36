"""How well routes are read: rates a route, person and month. Pure definitions."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from gridhall.metering.rounds.model import Entry, State

_READ: Final = frozenset({State.READ, State.DONE})
_PLACES: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Tally:
    """Entries of worklists, counted.

    planned: all of them. read: those with a read that stands. first_right: read once, and right. reread: those that
    had to be read again. no_access: those that somebody found inaccessible and nobody read.
    """

    planned: int = 0
    read: int = 0
    first_right: int = 0
    reread: int = 0
    no_access: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.planned + other.planned,
            self.read + other.read,
            self.first_right + other.first_right,
            self.reread + other.reread,
            self.no_access + other.no_access,
        )

    @property
    def reading_rate(self) -> Decimal | None:
        """抄表率 = read / planned; None where nothing was planned."""
        return _share(self.read, self.planned)

    @property
    def first_right_rate(self) -> Decimal | None:
        """一次抄准率 = first_right / read: read once, unwarned, undisputed, never asked again."""
        return _share(self.first_right, self.read)

    @property
    def reread_rate(self) -> Decimal | None:
        """补抄率 = reread / planned: a re-read was asked for, or an impossible read was brought."""
        return _share(self.reread, self.planned)

    @property
    def no_access_rate(self) -> Decimal | None:
        """Not-accessible rate = no_access / planned."""
        return _share(self.no_access, self.planned)


def count(entry: Entry) -> Tally:
    """Return what one entry counts for; a silent meter that spoke again by itself was never to be read."""
    if entry.spoke_again and entry.stands is None:
        return Tally()
    return Tally(
        planned=1,
        read=int(entry.state in _READ),
        first_right=int(entry.first_right and entry.state in _READ),
        reread=int(bool(entry.asks) or entry.had_impossible),
        no_access=int(entry.state is State.NO_ACCESS),
    )


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(_PLACES, ROUND_HALF_UP) if whole else None
