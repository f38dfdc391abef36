"""The formats that the feed can read, and which one a delivery is written in."""

from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Final

from gridhall.metering.feed.formats.csv_long import CsvLong
from gridhall.metering.feed.formats.csv_matrix import CsvMatrix
from gridhall.metering.feed.formats.csv_registers import CsvRegisters
from gridhall.metering.feed.formats.csv_wide import CsvWide
from gridhall.metering.feed.formats.espi import Espi
from gridhall.metering.feed.formats.ndjson import Ndjson
from gridhall.metering.feed.formats.nem12 import Nem12
from gridhall.metering.feed.formats.nem13 import Nem13
from gridhall.metering.feed.formats.rows import Format
from gridhall.metering.feed.formats.state_grid import StateGrid
from gridhall.metering.feed.formats.zipped import MAGIC, unzipped

AUTO: Final = "auto"

FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        one.name: one
        for one in (
            StateGrid(),
            Ndjson(),
            Nem12(),
            Nem13(),
            Espi(),
            CsvLong(),
            CsvWide(),
            CsvMatrix(),
            CsvRegisters(),
        )
    }
)
"""Every format by name; `auto` asks them in this order."""

_HEAD_BYTES: Final = 4096
_OF_NOTHING: Final = "ndjson"


async def choose(
    name: str, chunks: AsyncIterator[bytes], *, most: int | None = None
) -> tuple[Format, AsyncIterator[bytes]]:
    """Return the format of this name, or by `auto` the one that recognises the beginning, and all of the chunks.

    A zip is unpacked on the way; FeedTooLargeError where it holds more than `most` bytes, DeliveryRefusedError where
    it is damaged. Raises UnknownFormatError where there is no such format. An empty delivery is NDJSON without a row.
    """
    if name != AUTO and name not in FORMATS:
        raise UnknownFormatError(f"format: {name!r} is none of {AUTO}, {', '.join(FORMATS)}")
    head, chunks = await _beginning(chunks)
    if head.startswith(MAGIC):
        head, chunks = await _beginning(unzipped(chunks, most=most))
    if name != AUTO:
        return FORMATS[name], chunks
    if not head.strip():
        return FORMATS[_OF_NOTHING], chunks
    for one in FORMATS.values():
        if one.recognises(head):
            return one, chunks
    raise UnknownFormatError(f"the feed begins like none of the formats {', '.join(FORMATS)}; name one with format")


async def _beginning(chunks: AsyncIterator[bytes]) -> tuple[bytes, AsyncIterator[bytes]]:
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD_BYTES:
            break
    return head, _rejoined(head, chunks)


async def _rejoined(head: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for chunk in chunks:
        yield chunk


class UnknownFormatError(ValueError):
    """A delivery is in no format that we read."""
