"""NEM13, the format of Australia's market for meters that only accumulate: a previous and a current read a row.

A register is a meter of ours, `<NMI>-<serial number>/<register>`, like `1234567890-METSER66/01`, with one register
`total`: the file does not say at which hours it counts. A read that is taken during a day is kept as the opening of
that day, because the market counts use from the day of the previous read to the day before the current one; the time
at which it was taken is kept beside it. A time of 0 or 1 s after midnight says that nobody knows it.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from itertools import islice
from typing import Final

from gridhall.metering.feed.formats.nem12_codes import PREFIXES, QUANTITIES, ZONE_OFFSET, kilo, quality_of, unit_of
from gridhall.metering.feed.formats.nem_lines import Frame, Line, fault, nem_lines, version_of
from gridhall.metering.feed.formats.rows import RegisterRow, Rows
from gridhall.metering.feed.formats.spool import fill, new_spool
from gridhall.metering.feed.lines import raw
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.refusals import RefusedRow
from gridhall.metering.quality import Quality

_KINDS: Final = frozenset({"100", "250", "550", "900"})
_CELLS: Final = 19
"""Those of a 250 record up to its unit, of which we need the last."""

_DIRECTIONS: Final = {"E": "import", "I": "export"}
"""Named as the grid sees it: what it exports, the customer draws."""

_LONGEST_HEAD: Final = 2**10
"""Of the 100 record, which is kept with every row that is refused."""

_ROWS_AT_ONCE: Final = 1024
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
_BEGINS = re.compile(rb"(\xef\xbb\xbf)?\s*100,\s*NEM13")


@dataclass(frozen=True, slots=True)
class Nem13:
    """The format `nem13`."""

    name: str = "nem13"

    def recognises(self, head: bytes) -> bool:
        """Tell a feed by its first record."""
        return _BEGINS.match(head) is not None

    async def rows(self, chunks: AsyncIterator[bytes], *, limits: Limits) -> AsyncIterator[Rows]:
        """Yield the reads. Raises DeliveryRefusedError, before the first, where the file is not sound."""
        with new_spool() as spool:
            await fill(spool, chunks, most=limits.max_bytes)
            for count, _ in enumerate(_records(nem_lines(spool, longest=limits.max_line_bytes))):
                if count % _ROWS_AT_ONCE == 0:
                    await asyncio.sleep(0)
            records = _records(nem_lines(spool, longest=limits.max_line_bytes))
            while some := list(islice(records, _ROWS_AT_ONCE)):
                rows = Rows()
                for record in some:
                    _add(record, rows)
                yield rows

    def alone(self, *, head: bytes, row: bytes) -> bytes:
        """Return a file of one record."""
        return b"\n".join((head, row, b"900", b""))


@dataclass(frozen=True, slots=True)
class _Read:
    day: str
    taken: str | None
    count: str
    quality: Quality | None


@dataclass(frozen=True, slots=True)
class _Record:
    """A 250 record. quality of a read: None where there is none. version: as of `StreamDay`."""

    line: int
    row: str
    head: str
    meter: str
    direction: str
    unit: str
    reads: tuple[_Read, _Read]
    version: int | None


def _records(lines: Iterable[Line]) -> Iterator[_Record]:
    frame, told = Frame(name="NEM13", kinds=_KINDS), False
    for number, row in lines:
        kind, cells = frame.check(number, row)
        if kind == "100" and len(row) > _LONGEST_HEAD:
            raise fault(number, f"the 100 record is longer than {_LONGEST_HEAD} bytes")
        if kind == "250":
            yield _record(number, row, cells, frame.header)
        elif kind == "550" and not told:
            raise fault(number, "a 550 record stands before any 250 record")
        told = told or kind == "250"
    frame.end()


def _record(number: int, row: str, cells: list[str], head: str) -> _Record:
    if len(cells) < _CELLS:
        raise fault(number, f"the 250 record has {len(cells) + 1} fields; it needs {_CELLS + 1} at least")
    nmi, register, serial, direction = cells[0], cells[2], cells[5], cells[6]
    if not nmi or not serial or not register:
        raise fault(number, "a 250 record needs an NMI, a register and the serial number of a meter")
    previous, current = _read(number, *cells[7:10]), _read(number, *cells[12:15])
    meter = f"{nmi}-{serial}/{register}"
    version = version_of(*cells[20:22])  # behind the unit: the next scheduled read, then both times of the update
    return _Record(number, row, head, meter, direction.upper(), cells[18], (previous, current), version)


def _read(number: int, count: str, at: str, flag: str) -> _Read:
    try:
        quality = quality_of(flag)
    except KeyError:
        raise fault(number, f"the quality flag {flag[:20]!r} must begin with A, S, F, E or N") from None
    if quality is None:
        return _Read("", None, "", None)
    if not _NUMBER.fullmatch(count):
        raise fault(number, f"the read {count[:20]!r} is no plain number of 0 or more")
    try:
        day = datetime.strptime(at[:8], "%Y%m%d").date()  # noqa: DTZ007 - a date; its time may be unknown
    except ValueError:
        raise fault(number, f"{at[:20]!r} is no time like 20261004093000") from None
    return _Read(day.isoformat(), _taken(at), count, quality)


def _taken(at: str) -> str | None:
    try:
        taken = datetime.strptime(at, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the offset follows
    except ValueError:
        return None
    known = (taken - datetime.combine(taken.date(), time())).seconds > 1
    return f"{taken.isoformat()}{ZONE_OFFSET}" if known else None


def _add(record: _Record, rows: Rows) -> None:
    prefix, unit = unit_of(record.unit)
    if record.direction not in _DIRECTIONS or unit not in QUANTITIES:
        params = {"name": record.direction, "text": record.unit, "allowed": "E and I in Wh or varh"}
        rows.refused.append(
            RefusedRow(
                line=record.line,
                raw=raw(record.row),
                code="unknown-stream",
                params=params,
                readings=sum(read.quality is not None for read in record.reads),
                meter=record.meter[:64],
                head=raw(record.head),
            )
        )
        return
    channel = f"{_DIRECTIONS[record.direction]}-{QUANTITIES[unit]}"
    rows.parts += [
        RegisterRow(
            line=record.line,
            row=record.row,
            meter=(record.meter, channel, None),
            at=read.day,
            registers={"total": kilo(read.count, PREFIXES[prefix])},
            quality=read.quality,
            head=record.head,
            version=record.version,
            taken=read.taken,
        )
        for read in record.reads
        if read.quality is not None
    ]
