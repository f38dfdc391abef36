"""Where archived detail lies: behind a port, and the one of it that there is, a folder of compressed files.

A file holds a month of some points of a region: a line that says so, and a line a day. Its name ends in a digest of
what is in it, so the same days make the same file, and a run that broke off leaves nothing that has to be mended.
"""

import gzip
import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

import orjson

from gridhall.kit.localdays import Month
from gridhall.metering.histories.model import DayBucket
from gridhall.metering.retention.rows import FORMAT, VERSION, BadArchiveError, of_row, to_row

_LEVEL: Final = 6
_SHOWN: Final = 12

Kept = Sequence[tuple[DayBucket, bool]]
"""Days, each with whether it is an older revision."""


class ArchiveStore(Protocol):
    """Keeps files of days for ever."""

    def write(self, *, region: str, month: Month, first: UUID, days: Kept) -> str:
        """Keep days of points from `first` on; return the name they are read by. On disk when this returns."""

    def read(self, name: str) -> Iterator[tuple[DayBucket, bool]]:
        """Yield what a file holds. Raises BadArchiveError where it is damaged."""


class FileArchive:
    """An archive in a folder: `<region>/<month>/<first point>-<digest>.ndjson.gz`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, *, region: str, month: Month, first: UUID, days: Kept) -> str:
        """Write a file under another name, see it to the disk, and give it its own name then."""
        head = {"format": FORMAT, "version": VERSION, "region": region, "month": str(month), "rows": len(days)}
        content = orjson.dumps(head) + b"\n" + b"".join(to_row(bucket, older=older) for bucket, older in days)
        name = f"{region}/{month}/{first}-{sha256(content).hexdigest()[:_SHOWN]}.ndjson.gz"
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(f".{os.getpid()}.draft")
        with draft.open("wb") as file:
            draft.chmod(0o600)
            file.write(gzip.compress(content, _LEVEL, mtime=0))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_folder(path.parent)
        return name

    def read(self, name: str) -> Iterator[tuple[DayBucket, bool]]:
        """Yield what a file of the folder holds."""
        _, days = read_file(self._folder / name)
        yield from days


def read_file(path: Path) -> tuple[tuple[str, Month], Iterator[tuple[DayBucket, bool]]]:
    """Return the region and month of an archive file, and its days. Raises BadArchiveError."""
    rows = _rows(path)
    try:
        head = orjson.loads(next(rows))
        known = head["format"] == FORMAT and head["version"] == VERSION
        place, count = (str(head["region"]), Month.parse(head["month"])), int(head["rows"])
    except (StopIteration, KeyError, TypeError, ValueError):
        known = False
    if not known:
        raise BadArchiveError(f"{path.name} is no archive of usage")
    return place, _counted(rows, count, path.name)


def _counted(rows: Iterator[bytes], count: int, name: str) -> Iterator[tuple[DayBucket, bool]]:
    met = 0
    for row in rows:
        met += 1
        yield of_row(row)
    if met != count:
        raise BadArchiveError(f"{name} has {met} of its {count} rows")


def _rows(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as lines:
            yield from lines
    except (gzip.BadGzipFile, EOFError, OSError) as error:
        raise BadArchiveError(f"{path.name} is damaged ({type(error).__name__})") from None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
