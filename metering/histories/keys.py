"""Keys of history documents: point, channel and day or month in 21 bytes, so that `_id` is the only index needed.

The point comes first (it is the shard key), numbers are big endian, so keys of one point sort by channel and time.
"""

from datetime import date
from functools import lru_cache
from struct import Struct
from typing import Final
from uuid import UUID

from gridhall.kit.localdays import Month
from gridhall.metering.channels import CHANNELS

_KEY = Struct(">16sBI")
_NAMES = {byte: name for name, byte in CHANNELS.items()}
_TIME = 17
_MONTHS = 12

REVISION_BYTES: Final = 4
"""By so much the key of an older revision is longer than that of its day."""

LAST_REVISION: Final = 2 ** (8 * REVISION_BYTES) - 1


def day_key(point_id: UUID, channel: str, day: date) -> bytes:
    """Return the key of a local day; `channel` must be one of CHANNELS."""
    return _KEY.pack(point_id.bytes, CHANNELS[channel], day.toordinal())


def month_key(point_id: UUID, channel: str, month: Month) -> bytes:
    """Return the key of a month; `channel` must be one of CHANNELS."""
    return _KEY.pack(point_id.bytes, CHANNELS[channel], month.year * _MONTHS + month.number - 1)


def month_key_of(key: bytes, day: date) -> bytes:
    """Return the key of the month in which the `day` of a day key falls."""
    return key[:_TIME] + (day.year * _MONTHS + day.month - 1).to_bytes(4, "big")


def day_key_in(month: bytes, number: int) -> bytes:
    """Return the key of the numbered day, 1 to 31, of the month of a month key."""
    return month[:_TIME] + month_of(month).first.replace(day=number).toordinal().to_bytes(4, "big")


def revision_key(key: bytes, revision: int) -> bytes:
    """Return the key under which an older revision of a day or midnight is kept."""
    return key + revision.to_bytes(REVISION_BYTES, "big")


def point_of(key: bytes) -> UUID:
    """Return the service point of a key."""
    return UUID(bytes=key[:16])


def day_of(key: bytes) -> date:
    """Return the local day of a day key."""
    return _day(key[_TIME:])


def month_of(key: bytes) -> Month:
    """Return the month of a month key."""
    count = int.from_bytes(key[_TIME:], "big")
    return Month(count // _MONTHS, count % _MONTHS + 1)


def channel_of(key: bytes) -> str:
    """Return the channel of a key."""
    return _NAMES[key[16]]


@lru_cache(maxsize=8192)
def _day(number: bytes) -> date:
    return date.fromordinal(int.from_bytes(number, "big"))
