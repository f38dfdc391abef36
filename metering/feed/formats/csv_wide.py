"""Wide CSV: a day of a meter a row, `meter,day[,channel][,minutes][,quality][,version]` and a column a slot.

Slots are named by numbers, 1 to 96, in the order in which they pass, or by the local time at which they begin, 00:00
to 23:45; with a column 24:00 by that at which they end. For the day on which the clocks are put back there may be
more: numbers up to 100, or the times of the hour that comes twice standing twice. On other days these stay empty.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.metering.feed.formats.csv_table import Table, header_of, meter_of, said, tables
from gridhall.metering.feed.formats.missing import with_gaps
from gridhall.metering.feed.formats.rows import MeterDay, Rows
from gridhall.metering.feed.model import Limits

_NEEDED: Final = frozenset({"meter", "day"})
_NAMED: Final = frozenset({*_NEEDED, "channel", "minutes", "quality", "version"})
_ALLOWED: Final = "meter,day,channel,minutes,quality,version and slots 1 to 96 or 00:00 to 23:45"
_TIME = re.compile(r"(\d{1,2}):(\d\d)(:00)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class CsvWide:
    """The format `csv-wide`."""

    name: str = "csv-wide"

    def recognises(self, head: bytes) -> bool:
        """Tell a feed by the names in its first line."""
        return _understands(header_of(head))

    async def rows(self, chunks: AsyncIterator[bytes], *, limits: Limits) -> AsyncIterator[Rows]:
        """Yield the days; where the header cannot be used, every row is refused."""
        async for table in tables(chunks, limits=limits, understands=_understands, allowed=_ALLOWED):
            yield _read(table)

    def alone(self, *, head: bytes, row: bytes) -> bytes:
        """Return the row below its header."""
        return head + b"\n" + row + b"\n"


@dataclass(frozen=True, slots=True)
class _Slots:
    """Columns of slots. first: index of the first of them. clock: see `MeterDay`. minutes: None where not said."""

    first: int
    clock: tuple[int, ...]
    minutes: int | None


def _read(table: Table) -> Rows:
    slots = _slots(tuple(table.header))
    if slots is None:
        return table.read
    first = slots.first
    names = table.header[:first]
    for row in table.rows:
        named = dict(zip(names, row.cells, strict=False))
        table.read.parts.append(
            MeterDay(
                line=row.line,
                row=row.text,
                meter=meter_of(named, minutes=slots.minutes),
                day=named["day"],
                energies=with_gaps(row.cells[first:]),
                quality=named.get("quality"),
                head=table.head,
                version=said(named.get("version", "")),
                clock=slots.clock,
            )
        )
    return table.read


def _understands(names: Sequence[str]) -> bool:
    return _slots(tuple(names)) is not None


@lru_cache(maxsize=64)
def _slots(names: tuple[str, ...]) -> _Slots | None:
    """Return where the slots stand, None where the names are no header of this format."""
    first = next((index for index, name in enumerate(names) if name not in _NAMED), len(names))
    before, slots = names[:first], names[first:]
    if not set(before) >= _NEEDED or len(set(before)) < len(before) or not slots:
        return None
    if slots == tuple(map(str, range(1, len(slots) + 1))):
        return _Slots(first, (), None)
    found = [_TIME.fullmatch(name) for name in slots]
    clock = [int(time[1]) * 60 + int(time[2]) for time in found if time]
    times = len(set(clock))
    minutes = DAY_MINUTES // times if times else 0
    if DAY_MINUTES in clock:
        clock = [time - minutes for time in clock]
    whole = set(clock) == set(range(0, DAY_MINUTES, minutes or 1)) and max(Counter(clock).values()) <= 2  # noqa: PLR2004 - an hour comes twice at most
    return _Slots(first, tuple(clock), minutes) if None not in found and whole else None
