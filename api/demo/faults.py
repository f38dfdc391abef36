"""What the demo's collection missed: gaps in a curve, and a meter that fell silent."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import orjson

GAPPED = 10
"""Index of the resident in whose curve slots are missing: an hour one day, five hours the next."""

SILENT = 56
"""Index of the resident whose meter has sent nothing for five days."""

_SILENT_DAYS = 5
_GAPS = {6: slice(40, 44), 5: slice(48, 68)}
"""By days before today, the quarters of an hour that are missing."""


def with_gaps(lines: Iterable[bytes], *, today: date) -> Iterator[bytes]:
    """Yield the lines of a meter without some of its quarters."""
    gaps = {(today - timedelta(days=ago)).isoformat(): slots for ago, slots in _GAPS.items()}
    for line in lines:
        row = orjson.loads(line)
        slots = gaps.get(row.get("day"))
        if slots is None:
            yield line
        else:
            row["kwh"][slots] = [None] * (slots.stop - slots.start)
            yield orjson.dumps(row) + b"\n"


def until_silent(lines: Iterable[bytes], *, today: date) -> Iterator[bytes]:
    """Yield the lines of a meter up to the day since which it is silent."""
    last = (today - timedelta(days=_SILENT_DAYS)).isoformat()
    for line in lines:
        row = orjson.loads(line)
        if (row.get("day") or row["at"]) < last:
            yield line
