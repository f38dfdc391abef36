"""Long CSV: a header and one reading a line, `meter,start,kwh[,quality][,channel][,minutes][,version]` in any order."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from typing import Final

from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.feed.formats.csv_table import cells_of, header_of, minutes_of
from gridhall.metering.feed.formats.missing import WORDS
from gridhall.metering.feed.formats.rows import Meter, Readings, Rows
from gridhall.metering.feed.lines import Lines, cut_lines, raw
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.refusals import RefusedRow

_NEEDED: Final = frozenset({"meter", "start", "kwh"})
_ALLOWED: Final = ("meter", "start", "kwh", "quality", "channel", "minutes", "version")


@dataclass(frozen=True, slots=True)
class CsvLong:
    """The format `csv-long`."""

    name: str = "csv-long"

    def recognises(self, head: bytes) -> bool:
        """Tell a feed by the names in its first line."""
        return _is_header(header_of(head))

    async def rows(self, chunks: AsyncIterator[bytes], *, limits: Limits) -> AsyncIterator[Rows]:
        """Yield the readings; where the header cannot be used, every row is refused."""
        header: list[str] | None = None
        async for lines in cut_lines(chunks, limits=limits):
            if header is None and lines.rows:
                header = cells_of(lines.rows[0])
                if _is_header(header):
                    lines = Lines(lines.numbers[1:], lines.rows[1:], lines.refused)  # noqa: PLW2901 - all but header
            yield _read(header or [], lines)

    def alone(self, *, head: bytes, row: bytes) -> bytes:
        """Return the row below its header."""
        return head + b"\n" + row + b"\n"


def _read(header: Sequence[str], lines: Lines) -> Rows:
    rows = Rows(refused=lines.refused)
    if not _is_header(header):
        names = ",".join(header)
        rows.refused += [_refused(line, row, names) for line, row in _filled(lines)]
        return rows
    numbers, texts, width = lines.numbers, lines.rows, len(header)
    together = ",".join(texts)
    if set(map(str.count, texts, repeat(","))) <= {width - 1} and '"' not in together:
        # A list a row would be millions of objects for the garbage collector to walk over; one list is not.
        cells = together.split(",") if texts else []
    else:
        kept = []
        for line, row in _filled(lines):
            of_row = cells_of(row)
            if len(of_row) == width:
                kept.append((line, row, of_row))
            else:
                rows.refused.append(_refused(line, row, f"a row of {len(of_row)} columns", head=",".join(header)))
        numbers, texts = [line for line, _, _ in kept], [row for _, row, _ in kept]
        cells = [cell for _, _, of_row in kept for cell in of_row]
    if cells:
        columns = {name: cells[first::width] for first, name in enumerate(header)}
        if not WORDS.isdisjoint(columns["kwh"]):
            present = [energy not in WORDS for energy in columns["kwh"]]  # a missing value is no reading, and no fault
            columns = {name: list(compress(column, present)) for name, column in columns.items()}
            numbers, texts = list(compress(numbers, present)), list(compress(texts, present))
        if texts:
            rows.parts.append(_readings(columns, numbers, texts))
    return rows


def _readings(columns: dict[str, list[str]], lines: Sequence[int], texts: Sequence[str]) -> Readings:
    return Readings(
        lines=lines,
        rows=texts,
        meters=_meters(columns),
        starts=columns["start"],
        energies=columns["kwh"],
        qualities=columns.get("quality") or [None] * len(texts),
        head=",".join(columns),
        versions=columns.get("version"),
    )


def _meters(columns: dict[str, list[str]]) -> list[Meter]:
    numbers = columns["meter"]
    if "channel" not in columns and "minutes" not in columns:
        named = {number: (number, IMPORT_KWH, None) for number in set(numbers)}
        return list(map(named.__getitem__, numbers))
    channels = columns.get("channel") or [""] * len(numbers)
    minutes = columns.get("minutes") or [""] * len(numbers)
    return [
        (number, channel or IMPORT_KWH, minutes_of(length))
        for number, channel, length in zip(numbers, channels, minutes, strict=True)
    ]


def _is_header(names: Sequence[str]) -> bool:
    return set(names) >= _NEEDED and set(names) <= set(_ALLOWED) and len(set(names)) == len(names)


def _filled(lines: Lines) -> list[tuple[int, str]]:
    return [(line, row) for line, row in zip(lines.numbers, lines.rows, strict=True) if row.strip()]


def _refused(line: int, row: str, names: str, *, head: str = "") -> RefusedRow:
    params = {"names": names, "allowed": ",".join(_ALLOWED)}
    return RefusedRow(line=line, raw=raw(row), code="unknown-columns", params=params, head=raw(head))
