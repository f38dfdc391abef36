"""Matrix CSV: a slot a row and a meter a column, `start[,channel][,minutes][,quality][,version],<meter>,<meter>...`.

`start` stands first, or `date` and `time` for it, which say no offset (see `--local-times`); every name that is not one
of these is the number of a meter.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.feed.formats.csv_table import Table, header_of, minutes_of, said, tables
from gridhall.metering.feed.formats.missing import WORDS
from gridhall.metering.feed.formats.rows import Readings, Rows
from gridhall.metering.feed.model import Limits

_START: Final = "start"
_DATE_AND_TIME: Final = ("date", "time")
_NAMED: Final = frozenset({_START, *_DATE_AND_TIME, "channel", "minutes", "quality", "version"})
_OF_OTHERS: Final = frozenset({"meter", "kwh", "day", "at", "total", ""})
"""Names that stand in the headers of other formats, and so are the number of no meter here."""

_ALLOWED: Final = "start or date,time; channel,minutes,quality,version and meter numbers"


@dataclass(frozen=True, slots=True)
class CsvMatrix:
    """The format `csv-matrix`."""

    name: str = "csv-matrix"

    def recognises(self, head: bytes) -> bool:
        """Tell a feed by its first column; a header that is cut off at the end of `head` does not matter."""
        return _understands(header_of(head))

    async def rows(self, chunks: AsyncIterator[bytes], *, limits: Limits) -> AsyncIterator[Rows]:
        """Yield the readings; where the header cannot be used, every row is refused."""
        async for table in tables(chunks, limits=limits, understands=_understands, allowed=_ALLOWED):
            yield _read(table)

    def alone(self, *, head: bytes, row: bytes) -> bytes:
        """Return the row below its header."""
        return head + b"\n" + row + b"\n"


def _read(table: Table) -> Rows:
    first = next((index for index, name in enumerate(table.header) if name not in _NAMED), len(table.header))
    columns: list[list[object]] = [[], [], [], [], [], [], []]
    for row in table.rows:
        named = dict(zip(table.header[:first], row.cells, strict=False))
        numbers, energies = table.header[first:], row.cells[first:]
        if not WORDS.isdisjoint(energies):
            present = [index for index, energy in enumerate(energies) if energy not in WORDS]
            numbers, energies = [numbers[index] for index in present], [energies[index] for index in present]
        count = len(energies)
        channel, minutes = named.get("channel") or IMPORT_KWH, minutes_of(named.get("minutes", ""))
        of_row: tuple[Sequence[object], ...] = (
            [row.line] * count,
            [row.text] * count,
            [(number, channel, minutes) for number in numbers],
            [named[_START] if _START in named else f"{named['date']}T{named['time']}"] * count,
            energies,
            [named.get("quality")] * count,
            [said(named.get("version", ""))] * count,
        )
        for column, of in zip(columns, of_row, strict=True):
            column.extend(of)
    *readings, versions = columns
    if versions:
        table.read.parts.append(Readings(*cast("Any", readings), head=table.head, versions=cast("Any", versions)))
    return table.read


def _understands(names: Sequence[str]) -> bool:
    meters = set(names) - _NAMED
    return (
        (tuple(names[:2]) == _DATE_AND_TIME) != (names[:1] == [_START])
        and (_START in names) != any(name in names for name in _DATE_AND_TIME)
        and bool(meters)
        and meters.isdisjoint(_OF_OTHERS)
        and len(set(names)) == len(names)
        and not any(name in _NAMED for name in names[len(names) - len(meters) :])
    )
