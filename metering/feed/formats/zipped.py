"""Deliveries that come as a zip of one file, as NEM12 does: what is in it may be of any format."""

import io
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

_PACKED_BY: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""The ways of packing that are unpacked a bounded piece at a time; of the others some bytes may become gigabytes."""

_READ_AT_ONCE: Final = 2**20
"""No part of a zip of one file is read in larger pieces; its directory is, if it lists tens of thousands."""


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
        with zipfile.ZipFile(_Bounded(spool)) as archive, archive.open(_only_file(archive)) as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except DeliveryRefusedError:
        raise
    # zipfile has no error of its own for what it cannot do (NotImplementedError) or open: a file under a password is a
    # RuntimeError, a directory that lies outside the file a ValueError.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise DeliveryRefusedError(f"the zip cannot be unpacked ({error})") from None


def _only_file(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    inside = [one for one in archive.infolist() if not one.is_dir()]
    if len(inside) != 1:
        raise DeliveryRefusedError(f"the zip holds {len(inside)} files; it must hold one")
    if inside[0].compress_type not in _PACKED_BY:
        raise DeliveryRefusedError("the file in the zip must be stored or deflated")
    return inside[0]


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
            raise DeliveryRefusedError("the zip cannot be unpacked (its directory is not where it says)")
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        if size > _READ_AT_ONCE:
            raise DeliveryRefusedError("the zip holds more files than can be looked through; it must hold one")
        return self._file.read(size if size >= 0 else _READ_AT_ONCE)
