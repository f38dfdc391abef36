"""Lines numbered on through the entries of a batch, so that a refused line is found in its entry again."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from gridhall.metering.feed.formats.rows import Readings, Rows
from gridhall.metering.feed.refusals import RefusedRow

T = TypeVar("T")


@dataclass(slots=True)
class Numbering(Generic[T]):
    """What came in a batch, and the number of lines before each."""

    _sources: list[T] = field(default_factory=list)
    _before: list[int] = field(default_factory=list)
    _lines: int = 0

    def begin(self, source: T, *, lines: int) -> None:
        """Begin with the next source, which has at most so many lines."""
        self._sources.append(source)
        self._before.append(self._lines)
        self._lines += lines

    def number_on(self, rows: Rows) -> Rows:
        """Return rows of the present source with their lines numbered on behind all that came before."""
        before = self._before[-1]
        for part in rows.parts:
            if isinstance(part, Readings):
                part.lines = [line + before for line in part.lines]
            else:
                part.line += before
        return Rows(rows.parts, [replace(row, line=row.line + before) for row in rows.refused])

    def by_origin(self, refused: Iterable[RefusedRow]) -> list[tuple[T, list[RefusedRow]]]:
        """Return refused rows by what they came in, each with its line there."""
        found: dict[int, list[RefusedRow]] = {}
        for row in refused:
            at = bisect_right(self._before, row.line - 1) - 1
            found.setdefault(at, []).append(replace(row, line=row.line - self._before[at]))
        return [(self._sources[at], rows) for at, rows in found.items()]
