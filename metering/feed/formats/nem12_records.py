"""The records of a NEM12 file, checked as a whole: one fault of structure, and nothing of it can be trusted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from gridhall.metering.feed.formats.nem12_codes import MINUTES, VARIES, quality_of
from gridhall.metering.feed.formats.rows import DeliveryRefusedError
from gridhall.metering.quality import Quality

_KINDS: Final = frozenset({"100", "200", "300", "400", "500", "900"})
_MINUTES_A_DAY: Final = 24 * 60
_VALUE = re.compile(r"-?\d*\.?\d+", re.ASCII)
_BEFORE_VALUES: Final = 2

Line = tuple[int, str]
"""Number of a line, counted from 1, and what stands in it."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A 200 record: whose values follow. meter: number of the meter at the NMI, the second sign of the suffix."""

    head: str
    nmi: str
    suffix: str
    unit: str
    minutes: int

    @property
    def slots(self) -> int:
        """Return how many values a day has; in NEM time every day has 24 hours."""
        return _MINUTES_A_DAY // self.minutes


@dataclass(slots=True)
class StreamDay:
    """A 300 record with the 400 records below it: `qualities` has one a value, None for no value."""

    stream: Stream
    line: int
    rows: list[str]
    day: date
    values: list[str]
    varies: bool
    qualities: list[Quality | None]
    told: set[int] = field(default_factory=set)

    def check_told(self) -> None:
        """Refuse a day of varying quality where some value's is never told."""
        if self.varies and len(self.told) < len(self.values):
            raise _fault(self.line, f"{len(self.values) - len(self.told)} values of flag V have no 400 record")


def stream_days(text: str) -> list[StreamDay]:
    """Return every day of a file. Raises DeliveryRefusedError, with the line, where it is no sound NEM12 file."""
    file = _File()
    for number, row in _records(text):
        file.add(number, row)
    return file.end()


class _File:
    def __init__(self) -> None:
        self._header = ""
        self._stream: Stream | None = None
        self._days: list[StreamDay] = []
        self._ended = False

    def add(self, number: int, row: str) -> None:
        kind, *cells = [cell.strip() for cell in row.split(",")]
        self._check_place(number, kind, cells)
        if kind == "100":
            self._header = row
        elif kind == "200":
            self._stream = _stream(number, cells, head=f"{self._header}\n{row}")
        elif kind == "300":
            self._days.append(_day(number, row, cells, self._stream))
        elif kind == "400":
            _tell(number, row, cells, self._days)
        self._ended = kind == "900"

    def _check_place(self, number: int, kind: str, cells: list[str]) -> None:
        if kind not in _KINDS:
            raise _fault(number, f"{kind[:20]!r} begins no record")
        if self._ended:
            raise _fault(number, "something stands below the 900 record")
        if not self._header and (kind != "100" or cells[:1] != ["NEM12"]):
            raise _fault(number, "the header is missing: a file begins with a 100 record that says NEM12")
        if self._header and kind == "100":
            raise _fault(number, "a second 100 record")

    def end(self) -> list[StreamDay]:
        if not self._ended:
            raise DeliveryRefusedError("the file has no 900 record, so its end is missing")
        for day in self._days:
            day.check_told()
        return self._days


def _records(text: str) -> Iterator[Line]:
    """Yield the records. A sender may break a long 300 record after a comma: a line that begins none is its rest."""
    held: Line | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        row = line.strip()
        if not row:
            continue
        if held and _goes_on(held[1], row):
            held = held[0], held[1] + row
            continue
        if held:
            yield held
        held = number, row
    if held:
        yield held
    else:
        raise DeliveryRefusedError("the file is empty")


def _goes_on(held: str, row: str) -> bool:
    return held.startswith("300,") and held.endswith(",") and row.partition(",")[0] not in _KINDS


def _stream(number: int, cells: list[str], *, head: str) -> Stream:
    nmi, _, _, suffix, _, _, unit, minutes = (cells + [""] * 8)[:8]
    if not nmi or len(suffix) != _BEFORE_VALUES:
        raise _fault(number, "a 200 record needs an NMI and a suffix of two signs")
    if minutes not in map(str, MINUTES):
        raise _fault(number, f"the interval length {minutes[:20]!r} must be one of {', '.join(map(str, MINUTES))}")
    return Stream(head=head, nmi=nmi, suffix=suffix.upper(), unit=unit.lower(), minutes=int(minutes))


def _day(number: int, row: str, cells: list[str], stream: Stream | None) -> StreamDay:
    if stream is None:
        raise _fault(number, "a 300 record stands before any 200 record")
    given = next((index for index, cell in enumerate(cells[1:]) if not _VALUE.fullmatch(cell)), len(cells) - 1)
    if given != stream.slots:
        raise _fault(
            number,
            f"the 300 record has {given} values, but the 200 record above says intervals of {stream.minutes} minutes, "
            f"which are {stream.slots}",
        )
    flag = cells[1 + given] if len(cells) > 1 + given else ""
    quality = None if flag == VARIES else _quality(number, flag)
    try:
        day = datetime.strptime(cells[0], "%Y%m%d").date()  # noqa: DTZ007 - a date; NEM time is added later
    except ValueError:
        raise _fault(number, f"{cells[0][:20]!r} is no date like 20261003") from None
    values = cells[1 : 1 + given]
    return StreamDay(stream, number, [row], day, values, flag == VARIES, [quality] * given)


def _tell(number: int, row: str, cells: list[str], days: list[StreamDay]) -> None:
    if not days:
        raise _fault(number, "a 400 record stands before any 300 record")
    day = days[-1]
    first, last, flag = (cells + [""] * 3)[:3]
    slots = day.stream.slots
    if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last) <= slots):
        raise _fault(number, f"the 400 record is of intervals {first} to {last}, but the day has 1 to {slots}")
    quality = _quality(number, flag)
    for index in range(int(first) - 1, int(last)):
        day.qualities[index] = quality
        day.told.add(index)
    day.rows.append(row)


def _quality(number: int, flag: str) -> Quality | None:
    try:
        return quality_of(flag)
    except KeyError:
        raise _fault(number, f"the quality flag {flag[:20]!r} must begin with A, S, F, E, N or V") from None


def _fault(number: int, reason: str) -> DeliveryRefusedError:
    return DeliveryRefusedError(f"line {number}: {reason}")
