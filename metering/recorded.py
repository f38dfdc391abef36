"""What became of readings that were handed in, in counts."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol


class Counted(Protocol):
    """Anything that counts readings by what became of them."""

    @property
    def accepted(self) -> int:
        """Readings that were not there before."""

    @property
    def duplicate(self) -> int:
        """Readings that said nothing new."""

    @property
    def corrected(self) -> int:
        """Readings that took the place of another value."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many readings were new, said nothing new, or took the place of another value."""

    accepted: int = 0
    duplicate: int = 0
    corrected: int = 0

    @classmethod
    def of(cls, counted: Collection[Counted]) -> "Recorded":
        """Return the counts of all of them together."""
        return cls(
            sum(one.accepted for one in counted),
            sum(one.duplicate for one in counted),
            sum(one.corrected for one in counted),
        )

    def __add__(self, other: Counted) -> "Recorded":
        return Recorded(
            self.accepted + other.accepted, self.duplicate + other.duplicate, self.corrected + other.corrected
        )
