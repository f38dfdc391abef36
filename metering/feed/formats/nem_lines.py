"""The lines of a file of Australia's market, NEM12 or NEM13, and what both have in common."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import IO, Final

from gridhall.metering.feed.formats.rows import DeliveryRefusedError

Line = tuple[int, str]
"""Number of a line, counted from 1, and what stands in it."""

_BOM: Final = b"\xef\xbb\xbf"
_NEM_TIME: Final = timezone(timedelta(hours=10))
_TIME_LENGTH: Final = 14


def nem_lines(file: IO[bytes], *, longest: int) -> Iterator[Line]:
    """Yield the filled lines of a file from its beginning, stripped; none may have more than `longest` bytes."""
    file.seek(0)
    number = 0
    while came := file.readline(longest + 2):
        if number == 0:
            came = came.removeprefix(_BOM)
        for line in came.splitlines():
            number += 1
            if len(line) > longest:
                raise fault(number, f"the line is longer than {longest} bytes")
            if not line.isascii():
                raise DeliveryRefusedError(f"line {number}: the file has signs that are not ASCII")
            if row := line.decode().strip():
                yield number, row
    if number == 0:
        raise DeliveryRefusedError("the file is empty")


def fault(number: int, reason: str) -> DeliveryRefusedError:
    """Return the error that says in which line a file is not sound."""
    return DeliveryRefusedError(f"line {number}: {reason}")


class Frame:
    """What stands around the records of a file: a 100 record before and a 900 record behind them."""

    def __init__(self, *, name: str, kinds: Collection[str]) -> None:
        self._name, self._kinds = name, kinds
        self.header = ""
        self._ended = False

    def check(self, number: int, row: str) -> tuple[str, list[str]]:
        """Return the kind of a record and its other cells, if it may stand where it does."""
        kind, *cells = [cell.strip() for cell in row.split(",")]
        if kind not in self._kinds:
            raise fault(number, f"{kind[:20]!r} begins no record")
        if self._ended:
            raise fault(number, "something stands below the 900 record")
        if not self.header and (kind != "100" or cells[:1] != [self._name]):
            raise fault(number, f"the header is missing: a file begins with a 100 record that says {self._name}")
        if self.header and kind == "100":
            raise fault(number, "a second 100 record")
        if kind == "100":
            self.header = row
        self._ended = kind == "900"
        return kind, cells

    def end(self) -> None:
        """Refuse a file that ended before its 900 record."""
        if not self._ended:
            raise DeliveryRefusedError("the file has no 900 record, so its end is missing")


def version_of(*times: str) -> int | None:
    """Return the first of these times of the market, like 20261004000000, in seconds of the epoch; None of none."""
    for text in times:
        if len(text) == _TIME_LENGTH and text.isdecimal():
            try:
                at = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=_NEM_TIME)
                return max(0, int(at.astimezone(UTC).timestamp()))
            except (ValueError, OverflowError):
                continue
    return None
