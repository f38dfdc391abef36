"""Deliveries that come as a zip of one file, as NEM12 does: what is in it may be of any format."""

from collections.abc import AsyncIterator, Iterator
from typing import IO, Final

from gridhall.kit.zips import BadZipError, files_in, unpacked
from gridhall.metering.feed.formats.rows import DeliveryRefusedError
from gridhall.metering.feed.formats.spool import fill, new_spool
from gridhall.metering.feed.lines import FeedTooLargeError

MAGIC: Final = b"PK\x03\x04"
"""How every zip file with something in it begins."""


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
        inside = files_in(spool)
        if len(inside) != 1:
            raise DeliveryRefusedError(f"the zip holds {len(inside)} files; it must hold one")
        yield from unpacked(spool, inside[0])
    except BadZipError as error:
        raise DeliveryRefusedError(str(error)) from None
