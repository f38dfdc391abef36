"""What the CSV formats share: a header, rows of cells below it, and the words that say that a value is missing."""

import csv
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.feed.formats.missing import is_missing
from gridhall.metering.feed.formats.rows import Meter, Rows
from gridhall.metering.feed.lines import Lines, cut_lines, raw
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.refusals import RefusedRow

_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_MINUTES: Final = 4


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. cells: as many as the header has."""

    line: int
    text: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a delivery below its header. rows: those of the right width; the others are refused in `read`."""

    header: Sequence[str]
    rows: list[Row]
    read: Rows

    @property
    def head(self) -> str:
        """The header as it is kept with a refused row."""
        return ",".join(self.header)

    def refuse(self, row: Row, *, field: str, allowed: str) -> None:
        """Refuse a row for one of its cells."""
        params = {"field": field, "allowed": allowed}
        self.read.refused.append(
            RefusedRow(line=row.line, raw=raw(row.text), code="bad-field", params=params, head=raw(self.head))
        )


async def tables(
    chunks: AsyncIterator[bytes], *, limits: Limits, understands: Callable[[Sequence[str]], bool], allowed: str
) -> AsyncIterator[Table]:
    """Yield a delivery as tables; where nobody understands its header, every row is refused with what is allowed."""
    header: list[str] | None = None
    async for lines in cut_lines(chunks, limits=limits):
        filled = [(line, row) for line, row in zip(lines.numbers, lines.rows, strict=True) if row and not row.isspace()]
        if header is None and filled:
            header = cells_of(filled[0][1])
            if understands(header):
                del filled[0]
        names = header or []
        yield _table(names, filled, lines, understood=understands(names), allowed=allowed)


def header_of(head: bytes) -> list[str]:
    """Return the cells of the first filled line of a delivery."""
    return cells_of(head.removeprefix(_BOM).lstrip().partition(b"\n")[0].decode(errors="replace").rstrip("\r"))


def cells_of(row: str) -> list[str]:
    """Return the cells of a row."""
    if '"' not in row:
        return row.split(",")
    try:
        return next(csv.reader([row]), [])
    except csv.Error:  # a carriage return inside the row
        return [row]


def meter_of(row: dict[str, str], *, minutes: int | None = None) -> Meter:
    """Return the meter that a row names by its cells `meter`, `channel` and `minutes`, of which two may be absent."""
    return row["meter"], row.get("channel") or IMPORT_KWH, minutes_of(row.get("minutes", "")) or minutes


def minutes_of(text: str) -> int | None:
    """Read a slot length; what is no number becomes 0, which no meter counts in, and is refused at the door."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_MINUTES else 0


def said(text: str) -> str | None:
    """Return the text of a cell, None where it says that there is no value."""
    return None if is_missing(text) else text


def _table(
    header: Sequence[str], filled: Sequence[tuple[int, str]], lines: Lines, *, understood: bool, allowed: str
) -> Table:
    table = Table(header, [], Rows(refused=lines.refused))
    for line, text in filled:
        of_row = cells_of(text)
        if understood and len(of_row) == len(header):
            table.rows.append(Row(line, text, of_row))
            continue
        names = f"a row of {len(of_row)} columns" if understood else ",".join(header)
        head = table.head if understood else ""
        params = {"names": names, "allowed": allowed}
        table.read.refused.append(
            RefusedRow(line=line, raw=raw(text), code="unknown-columns", params=params, head=raw(head))
        )
    return table
