"""Days as lines of an archive: JSON that says everything, so that a day comes back as it was, to the last bit."""

import base64
from datetime import datetime
from typing import Any

import orjson

from gridhall.metering.histories.keys import channel_of, day_of, point_of
from gridhall.metering.histories.model import DayBucket
from gridhall.metering.histories.packing import MISSING, pack

FORMAT = "gridhall-usage-archive"
VERSION = 1


def to_row(bucket: DayBucket, *, older: bool) -> bytes:
    """Return the line of a day; `older` says that it is a revision that was replaced."""
    row = {
        "key": bucket.key.hex(),
        "point": str(point_of(bucket.key)),
        "channel": channel_of(bucket.key),
        "day": bucket.day.isoformat(),
        "revision": bucket.revision,
        "older": older,
        "minutes": bucket.minutes,
        "scale": bucket.scale,
        "zone": bucket.zone,
        "calendar": bucket.calendar,
        "values": [None if value == MISSING else value for value in bucket.unpacked()],
        "quality": bucket.quality if isinstance(bucket.quality, int) else list(bucket.quality),
        "totals": dict(bucket.totals),
        "asOf": bucket.as_of.isoformat(),
    }
    if bucket.versions:
        row["versions"] = bucket.versions if isinstance(bucket.versions, int) else _text(bucket.versions)
    return orjson.dumps(row) + b"\n"


def of_row(line: bytes) -> tuple[DayBucket, bool]:
    """Return the day of a line, and whether it is an older revision. Raises BadArchiveError."""
    try:
        row: dict[str, Any] = orjson.loads(line)
        quality, versions = row["quality"], row.get("versions", 0)
        bucket = DayBucket(
            key=bytes.fromhex(row["key"]),
            revision=row["revision"],
            minutes=row["minutes"],
            scale=row["scale"],
            zone=row["zone"],
            calendar=row["calendar"],
            values=pack([MISSING if value is None else value for value in row["values"]]),
            quality=quality if isinstance(quality, int) else bytes(quality),
            totals=row["totals"],
            as_of=datetime.fromisoformat(row["asOf"]),
            versions=versions if isinstance(versions, int) else base64.b64decode(versions),
        )
        fits = day_of(bucket.key).isoformat() == row["day"] and len(row["values"]) == bucket.slots
        older = bool(row["older"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadArchiveError(f"a row is none of an archive ({type(error).__name__})") from None
    if not fits:
        raise BadArchiveError("a row contradicts itself")
    return bucket, older


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


class BadArchiveError(ValueError):
    """A file that is no archive, or a damaged one."""
