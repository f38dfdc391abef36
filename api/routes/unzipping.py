"""Bodies that are packed by gzip."""

import zlib
from collections.abc import AsyncIterator
from typing import Final

from gridhall.api.problems import ProblemError
from gridhall.metering.feed.lines import FeedTooLargeError

_GZIP: Final = 16 + zlib.MAX_WBITS
_MOST_UNPACKED_AT_ONCE: Final = 2**20


async def unzipped(chunks: AsyncIterator[bytes], *, most: int) -> AsyncIterator[bytes]:
    """Unpack gzip as it arrives, a bounded piece at a time, so that a small bomb cannot fill the memory.

    Raises ProblemError where the body is no gzip or ends too early, and FeedTooLargeError beyond `most` packed bytes:
    gzip can go on for ever and hold nothing.
    """
    unpacker, came = zlib.decompressobj(_GZIP), 0
    try:
        async for chunk in chunks:
            came += len(chunk)
            if came > most:
                raise FeedTooLargeError(most)
            packed = chunk
            while packed:
                piece = unpacker.decompress(packed, _MOST_UNPACKED_AT_ONCE)
                if piece:
                    yield piece
                if unpacker.eof and unpacker.unused_data:
                    packed, unpacker = unpacker.unused_data, zlib.decompressobj(_GZIP)
                else:
                    packed = unpacker.unconsumed_tail
        if not unpacker.eof:
            raise ProblemError("feed.bad_gzip")
    except zlib.error:
        raise ProblemError("feed.bad_gzip") from None
