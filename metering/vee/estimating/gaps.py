"""The gaps of a day: runs of missing intervals, and what stands on their edges. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from gridhall.metering.histories.packing import MISSING


@dataclass(frozen=True, slots=True)
class Gap:
    """The missing intervals from `first` up to, not including, `end`; before, after: the values beside it."""

    first: int
    end: int
    before: int | None
    after: int | None

    @property
    def slots(self) -> range:
        """The intervals of the gap."""
        return range(self.first, self.end)

    def interpolated(self) -> list[Fraction]:
        """Return values on the straight line between those beside the gap. Raises ValueError without both."""
        if self.before is None or self.after is None:
            raise ValueError("a gap is interpolated between two values")
        step = Fraction(self.after - self.before, len(self.slots) + 1)
        return [self.before + step * number for number in range(1, len(self.slots) + 1)]


def gaps(values: Sequence[int], *, before: int | None = None, after: int | None = None) -> list[Gap]:
    """Return the gaps of a day. before, after: the last value of the day before and the first of the day after."""
    found: list[Gap] = []
    first: int | None = None
    for slot, value in enumerate([*values, 0]):
        if value == MISSING:
            first = slot if first is None else first
        elif first is not None:
            left = values[first - 1] if first else before
            right = values[slot] if slot < len(values) else after
            found.append(Gap(first, slot, left, right))
            first = None
    return found
