"""Deliveries that are sound only as a whole are looked through first: meanwhile they lie on disk, not in memory."""

from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from gridhall.metering.feed.lines import FeedTooLargeError

_IN_MEMORY: Final = 4 * 2**20


def new_spool() -> IO[bytes]:
    """Return a file that is gone when it is closed, and stays in memory while it is small."""
    return SpooledTemporaryFile(max_size=_IN_MEMORY)


async def fill(spool: IO[bytes], chunks: AsyncIterator[bytes], *, most: int | None) -> None:
    """Write a delivery down and go back to its beginning. Raises FeedTooLargeError beyond `most` bytes."""
    came = 0
    async for chunk in chunks:
        came += len(chunk)
        if most is not None and came > most:
            raise FeedTooLargeError(most)
        spool.write(chunk)
    spool.seek(0)
