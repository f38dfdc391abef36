"""Writing to the stream: what a head-end, an operator's command and the tests use."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final

from gridhall.metering.feed.formats.registry import AUTO, FORMATS
from gridhall.metering.feed.stream.entries import signed
from gridhall.metering.feed.stream.redis_stream import ReadingStream

ROWS_AN_ENTRY: Final = 500

_LOOK_EVERY: Final = 32
_PAUSE_SECONDS: Final = 0.2
_BY_LINES: Final = frozenset({"ndjson"})
_UNDER_A_HEADER: Final = frozenset({"csv-long", "csv-wide"})


async def publish(
    *, rows: bytes, token: str, stream: ReadingStream, format: str = "ndjson", batch: str = "", packed: bool = False
) -> str:
    """Append rows as one entry, signed with a feed client's token, and return its id. packed: by gzip.

    Rows are safe when they are acknowledged, not when they are in Redis; sent twice they do no harm.
    Raises ValueError where `token` or `batch` cannot be one, and redis-py's errors where Redis is away.
    """
    return await stream.add(signed(token=token, format=format, batch=batch, rows=rows, packed=packed))


async def publish_all(
    *, entries: Iterable[bytes], token: str, stream: ReadingStream, format: str, batch: str, longest: int
) -> AsyncIterator[str]:
    """Append entries one after another and yield their ids; wait while the stream is longer than `longest`."""
    for number, rows in enumerate(entries):
        while number % _LOOK_EVERY == 0 and await stream.length() >= longest:  # noqa: ASYNC110 - see below
            await asyncio.sleep(_PAUSE_SECONDS)  # another process shortens it
        yield await publish(rows=rows, token=token, stream=stream, format=format, batch=batch, packed=True)


def cut_into_entries(lines: Iterable[bytes], *, format: str, most: int = ROWS_AN_ENTRY) -> Iterator[bytes]:
    """Cut the lines of a file into entries of `most` rows; a format that cannot be cut is one entry."""
    header = b""
    held: list[bytes] = []
    for line in lines:
        if not header and not held and format in _UNDER_A_HEADER:
            header = line
            continue
        held.append(line)
        if len(held) == most and (header or format in _BY_LINES):
            yield header + b"".join(held)
            held = []
    if held:
        yield header + b"".join(held)


def recognised(head: bytes) -> str:
    """Return the name of the format that a file begins like; `auto` leaves it to the consumer."""
    return next((one.name for one in FORMATS.values() if one.recognises(head)), AUTO)
