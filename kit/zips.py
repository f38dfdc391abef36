"""Zips that others send: looked through and unpacked a bounded piece at a time, whatever they say of themselves."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

_CHUNK_BYTES: Final = 2**18

_PACKED_BY: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""The ways of packing that are unpacked a bounded piece at a time; of the others some bytes may become gigabytes."""

_REFUSED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    RuntimeError,  # a file under a password, or (NotImplementedError) what zipfile cannot do
    ValueError,  # a directory that lies outside the file
    IndexError,  # a file without a name
    OverflowError,  # a place further than any file reaches
)
"""What zipfile raises of a zip that it cannot read: it has no one error for it."""

_READ_AT_ONCE: Final = 2**20
"""No part of a zip of a few files is read in larger pieces; its directory is, if it lists tens of thousands."""

_MOST_FILES: Final = 100
"""The directory is read again for each file that is unpacked."""

_TOO_MANY: Final = "the zip holds more files than can be looked through"


def files_in(packed: IO[bytes]) -> list[zipfile.ZipInfo]:
    """Return the files in a zip, its folders left out. Raises BadZipError, also of more than 100 files and folders."""
    with _opened(packed) as archive:
        if len(archive.infolist()) > _MOST_FILES:
            raise BadZipError(_TOO_MANY)
        return [one for one in archive.infolist() if not one.is_dir()]


def unpacked(packed: IO[bytes], file: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what is in a file of a zip, in pieces of 256 KiB at most; what it says of its size may be a lie.

    Raises BadZipError where it is damaged, under a password, or neither stored nor deflated.
    """
    if file.compress_type not in _PACKED_BY:
        raise BadZipError("the file in the zip must be stored or deflated")
    with _opened(packed) as archive, archive.open(file) as content:
        while chunk := content.read(_CHUNK_BYTES):
            yield chunk


@contextmanager
def _opened(packed: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(_Bounded(packed)) as archive:
            yield archive
    except BadZipError:
        raise
    except _REFUSED as error:
        raise BadZipError(f"the zip cannot be unpacked ({error})") from None


class _Bounded(io.RawIOBase):
    """A zip for a reader that believes what it says of itself: places before it and large parts are refused."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if offset < 0 and whence == io.SEEK_SET:
            raise BadZipError("the zip cannot be unpacked (its directory is not where it says)")
        try:
            return self._file.seek(offset, whence)
        except OSError as error:
            raise BadZipError(f"the zip cannot be unpacked ({error.strerror})") from None

    def read(self, size: int = -1) -> bytes:
        if size > _READ_AT_ONCE:
            raise BadZipError(_TOO_MANY)
        return self._file.read(size if size >= 0 else _READ_AT_ONCE)


class BadZipError(ValueError):
    """A zip that cannot be unpacked; the text says why."""
