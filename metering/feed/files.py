"""Reading a feed from a file on disk, packed by gzip or not."""

import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

_CHUNK_BYTES: Final = 2**18


class FileChunks:
    """A file as chunks of bytes. `size` is its size on disk, in which progress is counted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._disk = self._open.enter_context(self._path.open("rb"))
        packed = self._path.suffix == ".gz"
        self._file = self._open.enter_context(gzip.GzipFile(fileobj=self._disk)) if packed else self._disk
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    async def read(self, *, seen: Callable[[int], object]) -> AsyncIterator[bytes]:
        """Yield the file, and tell `seen` how many bytes on disk were read so far.

        Raises OSError, EOFError or zlib.error where it is damaged.
        """
        while chunk := self._file.read(_CHUNK_BYTES):
            yield chunk
            seen(self._disk.tell())
