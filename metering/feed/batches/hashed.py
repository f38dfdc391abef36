"""A body that is hashed while it is read."""

from collections.abc import AsyncIterator
from hashlib import sha256

from gridhall.metering.feed.lines import FeedTooLargeError


class HashedBody:
    """A body that is hashed while it is read. format: as which it is read, and hashed with it."""

    def __init__(self, chunks: AsyncIterator[bytes], format: str) -> None:
        self._chunks = chunks
        self._hash = sha256(f"{format}\n".encode())
        self._bytes = 0

    async def read(self) -> AsyncIterator[bytes]:
        """Yield what comes."""
        async for chunk in self._chunks:
            self._hash.update(chunk)
            self._bytes += len(chunk)
            yield chunk

    async def digest(self, *, most: int | None) -> bytes:
        """Read what is left and return the hash of all. Raises FeedTooLargeError beyond `most` bytes."""
        async for _ in self.read():
            if most is not None and self._bytes > most:
                raise FeedTooLargeError(most)
        return self._hash.digest()
