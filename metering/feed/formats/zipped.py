"""Deliveries that come as a zip of one file, as NEM12 does: what is in it may be of any format."""

import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import IO, Final

from gridhall.metering.feed.formats.rows import DeliveryRefusedError
from gridhall.metering.feed.formats.spool import fill, new_spool
from gridhall.metering.feed.lines import FeedTooLargeError

MAGIC: Final = b"PK\x03\x04"
"""How every zip file with something in it begins."""

_CHUNK_BYTES: Final = 2**18


async def unzipped(chunks: AsyncIterator[bytes], *, most: int | None) -> AsyncIterator[bytes]:
    """Yield what is in the one file of a zip, after it was unpacked once to see whether it is whole.

    Raises FeedTooLargeError beyond `most` bytes, before or after unpacking, and DeliveryRefusedError where it is
    damaged or does not hold one file; both before anything is yielded.
    """
    with new_spool() as spool:
        await fill(spool, chunks, most=most)
        came = 0
        for chunk in _content(spool):
            came += len(chunk)  # what the zip says of its size may be a lie
            if most is not None and came > most:
                raise FeedTooLargeError(most)
        for chunk in _content(spool):
            yield chunk


def _content(spool: IO[bytes]) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(spool) as archive, archive.open(_only_file(archive)) as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except DeliveryRefusedError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise DeliveryRefusedError(f"the zip cannot be unpacked ({error})") from None


def _only_file(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    inside = [one for one in archive.infolist() if not one.is_dir()]
    if len(inside) != 1:
        raise DeliveryRefusedError(f"the zip holds {len(inside)} files; it must hold one")
    return inside[0]
