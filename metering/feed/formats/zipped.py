"""Deliveries that may be packed as zip: the one file inside, unpacked in bounded memory."""

import zipfile
import zlib
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Final

from gridhall.metering.feed.formats.rows import DeliveryRefusedError
from gridhall.metering.feed.lines import FeedTooLargeError

MAGIC: Final = b"PK\x03\x04"
"""How every zip file with something in it begins."""


async def whole(chunks: AsyncIterator[bytes], *, most: int) -> bytes:
    """Return all bytes of a delivery, unpacked. Raises FeedTooLargeError beyond `most`, before or after unpacking."""
    came = bytearray()
    async for chunk in chunks:
        came += chunk
        if len(came) > most:
            raise FeedTooLargeError(most)
    return _unpacked(came, most=most) if came.startswith(MAGIC) else bytes(came)


def _unpacked(packed: bytearray, *, most: int) -> bytes:
    try:
        with zipfile.ZipFile(BytesIO(packed)) as archive:
            inside = [one for one in archive.infolist() if not one.is_dir()]
            if len(inside) != 1:
                raise DeliveryRefusedError(f"the zip holds {len(inside)} files; it must hold one")
            with archive.open(inside[0]) as file:
                content = file.read(most + 1)  # what the zip says of its size may be a lie
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DeliveryRefusedError(f"the zip cannot be unpacked ({error})") from None
    if len(content) > most:
        raise FeedTooLargeError(most)
    return content
