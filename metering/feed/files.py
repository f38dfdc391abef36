"""Reading a feed from a file on disk, packed by gzip or not."""

import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final, Self

_CHUNK_BYTES: Final = 2**18
_BEGINNING_BYTES: Final = 2**16


class FileChunks:
    """A file as chunks of bytes. `size` is its size on disk, in which progress is counted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._disk = self._open.enter_context(self._path.open("rb"))
        packed = self._path.suffix == ".gz"
        self._file: gzip.GzipFile | IO[bytes] = (
            self._open.enter_context(gzip.GzipFile(fileobj=self._disk)) if packed else self._disk
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def beginning(self) -> bytes:
        """Return the first bytes, unpacked, and go back to the beginning. Raises what `read` raises."""
        beginning = self._file.read(_BEGINNING_BYTES)
        self._file.seek(0)
        return beginning

    def first_line(self) -> bytes:
        """Return the first line that is not blank with its end, and go back to the beginning."""
        line = next((line for line in self._file if line.strip()), b"")
        self._file.seek(0)
        return line if line.endswith(b"\n") else line + b"\n"

    async def read(self, *, seen: Callable[[int], object], offset: int = 0) -> AsyncIterator[bytes]:
        """Yield the file from a byte of what it holds, and tell `seen` how many bytes on disk were read so far.

        Raises OSError, EOFError or zlib.error where it is damaged.
        """
        if offset:
            self._file.seek(offset)  # of a packed file, all before it is unpacked again
            seen(self._disk.tell())
        while chunk := self._file.read(_CHUNK_BYTES):
            yield chunk
            seen(self._disk.tell())
