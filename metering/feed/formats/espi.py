"""Green Button (ESPI): an Atom feed of usage points, reading types and blocks of readings.

Times are seconds of the epoch in UTC, so that the file's local time parameters place nothing. `updated` of a block is
the version of its readings.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Final

from gridhall.metering.feed.formats.espi_codes import ATOM, ESPI
from gridhall.metering.feed.formats.espi_links import Directory, ReadingType, meter_reading_of, name_of
from gridhall.metering.feed.formats.espi_xml import Block, Entry, Reading, check_frame, entries
from gridhall.metering.feed.formats.rows import DeliveryRefusedError, Meter, Readings, Rows
from gridhall.metering.feed.formats.spool import fill, new_spool
from gridhall.metering.feed.lines import raw
from gridhall.metering.feed.memo import Memo
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.refusals import RefusedRow
from gridhall.metering.quality import CODES, worst

_READINGS_AT_ONCE: Final = 8192
_ENTRIES_AT_ONCE: Final = 256
_DAY: Final = 86_400
_MINUTE: Final = 60
_HOUR: Final = 3600
_LONGEST: Final = 18
_LONGEST_HEAD: Final = 2**14
"""Of what has to stand above a reading: it is kept with every one that is refused."""

_BELOW: Final = b"</IntervalBlock></content></entry></feed>\n"


@dataclass(frozen=True, slots=True)
class Espi:
    """The format `espi`."""

    name: str = "espi"

    def recognises(self, head: bytes) -> bool:
        """Tell a feed by an angle bracket and the namespace of Atom or of ESPI."""
        begins = head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
        return begins and (ATOM.encode() in head or ESPI.encode() in head)

    async def rows(self, chunks: AsyncIterator[bytes], *, limits: Limits) -> AsyncIterator[Rows]:
        """Yield the readings. Raises DeliveryRefusedError, before the first, where the file is not sound."""
        with new_spool() as spool:
            await fill(spool, chunks, most=limits.max_bytes)
            check_frame(spool)
            directory, streams = Directory(), dict[str, Entry]()
            for count, entry in enumerate(entries(spool, with_readings=False)):
                directory.add(entry)
                if entry.kind == "IntervalBlock":
                    streams.setdefault(meter_reading_of(entry), replace(entry, content=None, blocks=()))
                if count % _ENTRIES_AT_ONCE == 0:
                    await asyncio.sleep(0)
            if not streams:
                raise DeliveryRefusedError("it holds no IntervalBlock, so there is no reading in it")
            for entry in streams.values():
                directory.type_of(entry)
            rows, count = Rows(), 0
            for entry in entries(spool, with_readings=True):
                if entry.kind == "IntervalBlock":
                    count += _add(entry, directory, rows)
                if count >= _READINGS_AT_ONCE:
                    yield rows
                    rows, count = Rows(), 0
            yield rows

    def alone(self, *, head: bytes, row: bytes) -> bytes:
        """Return a feed of one reading."""
        return head + row + _BELOW


def _add(entry: Entry, directory: Directory, rows: Rows) -> int:
    """Add the readings of an entry; return how many there are."""
    kind, point = directory.type_of(entry), directory.point_of(entry)
    head = _head(entry, kind, point)
    kept = raw(head)
    if kind.channel is None:
        rows.refused += [_unknown(reading, kind, kept) for block in entry.blocks for reading in block.readings]
        return sum(len(block.readings) for block in entry.blocks)
    name = name_of(point, seconds=kind.seconds or _first_duration(entry))
    meters: Memo[int, Meter] = Memo(lambda seconds: (name, kind.channel or "", _minutes(seconds, kind)))
    columns: list[tuple[int, str, Meter, str, str, str | int | None]] = []
    count = 0
    for block in entry.blocks:
        for reading, start, seconds in _timed(block, kind):
            count += 1
            if start is None or seconds is None or not _is_number(reading.value or "0"):
                rows.refused.append(_broken(reading, name, kept))
            elif reading.value is not None:
                at = datetime.fromtimestamp(start, UTC).isoformat()
                energy = f"{Decimal(reading.value).scaleb(kind.power):f}"
                quality = _quality(reading.qualities or (kind.quality or "0",))
                columns.append((reading.line, _text(reading, start, seconds), meters[seconds], at, energy, quality))
    if columns:
        version = _version(entry.updated or entry.of_feed[1])
        versions = None if version is None else [version] * len(columns)
        rows.parts.append(Readings(*zip(*columns, strict=True), head=head, versions=versions))
    return count


def _timed(block: Block, kind: ReadingType) -> Iterator[tuple[Reading, int | None, int | None]]:
    """Yield readings with start and duration; those that say none follow each other from the start of the block."""
    following = _seconds(block.start)
    for reading in block.readings:
        start = _seconds(reading.start) if reading.start else following
        seconds = _seconds(reading.duration) if reading.duration else kind.seconds
        following = None if start is None or seconds is None else start + seconds
        yield reading, start, seconds


def _seconds(text: str | None) -> int | None:
    """Read seconds; None of what is no whole number up to the end of the year 9999."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > len("253402300799"):
        return None
    return min(int(text), 253_402_214_400)


def _minutes(seconds: int, kind: ReadingType) -> int:
    """Return the length of a slot, 0 where it is no whole number of minutes; a local day has 23, 24 or 25 hours."""
    if kind.seconds == _DAY and abs(seconds - _DAY) <= _HOUR:
        seconds = _DAY
    return 0 if seconds % _MINUTE else seconds // _MINUTE


def _first_duration(entry: Entry) -> int:
    readings = (reading for block in entry.blocks for reading in block.readings)
    return next((_seconds(reading.duration) or 0 for reading in readings), 0)


def _is_number(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _LONGEST


@lru_cache(maxsize=1024)
def _quality(texts: tuple[str, ...]) -> str | int | None:
    codes = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) in CODES]  # noqa: PLR2004 - codes have two digits
    if len(codes) == len(texts):
        return worst(codes)
    return next(text for text in texts if text not in map(str, codes))


def _version(updated: str) -> int | None:
    try:
        return max(0, int(datetime.fromisoformat(updated).astimezone(UTC).timestamp()))
    except (ValueError, OverflowError):
        return None


def _text(reading: Reading, start: int, seconds: int) -> str:
    """Return a reading as it came; one that leaves its time to the block is told it, so that it can be read alone."""
    if reading.start and reading.duration:
        return reading.text
    period = f'<timePeriod xmlns="{ESPI}"><duration>{seconds}</duration><start>{start}</start></timePeriod>'
    value = f'<value xmlns="{ESPI}">{reading.value}</value>'
    qualities = "".join(
        f"<ReadingQuality><quality>{escape(one)}</quality></ReadingQuality>" for one in reading.qualities
    )
    return f'<IntervalReading xmlns="{ESPI}">{qualities}{period}{value}</IntervalReading>'


def _head(entry: Entry, kind: ReadingType, point: str) -> str:
    """Return what has to stand above a reading: a feed with its point and ReadingType, cut off inside its block."""
    links = "".join(f'<link rel="{escape(rel)}" href="{escape(to)}"/>' for rel, to in entry.links)
    feed_id, feed_updated = entry.of_feed
    head = (
        f'<feed xmlns="{ATOM}"><id>{escape(feed_id)}</id><updated>{escape(feed_updated)}</updated>'
        f'<entry><id>{escape(point)}</id><content><UsagePoint xmlns="{ESPI}"/></content></entry>'
        f"<entry><content>{kind.text}</content></entry>"
        f'<entry>{links}<updated>{escape(entry.updated)}</updated><content><IntervalBlock xmlns="{ESPI}">'
    )
    if len(head) > _LONGEST_HEAD:
        reason = f"its links, its ids and its ReadingType have more than {_LONGEST_HEAD} characters together"
        raise DeliveryRefusedError(f"line {entry.line}: {reason}")
    return head


def _unknown(reading: Reading, kind: ReadingType, head: bytes) -> RefusedRow:
    params = {"name": "of Green Button", "text": kind.words, "allowed": "electric energy, uom 72 or 73, flow 1 or 19"}
    return RefusedRow(line=reading.line, raw=raw(reading.text), code="unknown-stream", params=params, head=head)


def _broken(reading: Reading, meter: str, head: bytes) -> RefusedRow:
    params = {"field": "IntervalReading", "allowed": "a start and a duration in seconds and a whole number as value"}
    return RefusedRow(
        line=reading.line, raw=raw(reading.text), code="bad-field", params=params, meter=meter[:64], head=head
    )
