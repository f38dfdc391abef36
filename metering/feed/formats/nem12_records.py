"""The records of a NEM12 file, as days of a stream."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Self

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.metering.feed.formats.nem12_codes import MINUTES, VARIES, quality_of
from gridhall.metering.feed.formats.nem_lines import Frame, Line, fault, version_of
from gridhall.metering.quality import Quality

_KINDS: Final = frozenset({"100", "200", "300", "400", "500", "900"})
_VALUE = re.compile(r"-?\d*\.?\d+", re.ASCII)
_INDEX = re.compile(r"\d{1,4}", re.ASCII)
_BEFORE_VALUES: Final = 2

_HEADS: Final = frozenset({"100", "200"})
_ENDS_A_DAY: Final = frozenset({"200", "300", "900"})
_LONGEST_RECORD: Final = 2**16
"""Of a record with the lines on which it goes on, and of a day with all of its 400 records."""

_LONGEST_HEAD: Final = 2**10
"""Of a 100 or 200 record: either is kept with every row that is refused."""


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
        return DAY_MINUTES // self.minutes


@dataclass(slots=True)
class StreamDay:
    """A 300 record with the 400 records below it: `qualities` has one a value, None for no value.

    version: when the sender last changed the day, in seconds of the epoch, None where it does not say. length: of the
    400 records.
    """

    stream: Stream
    line: int
    rows: list[str]
    day: date
    values: list[str]
    varies: bool
    qualities: list[Quality | None]
    version: int | None
    told: set[int] = field(default_factory=set)
    length: int = 0

    def told_all(self) -> Self:
        """Return the day. Refuses one of varying quality where some value's is never told."""
        if self.varies and len(self.told) < len(self.values):
            raise fault(self.line, f"{len(self.values) - len(self.told)} values of flag V have no 400 record")
        return self


def stream_days(lines: Iterable[Line]) -> Iterator[StreamDay]:
    """Yield every day of a file. Raises DeliveryRefusedError, with the line, where it is no sound NEM12 file.

    One fault of structure, and nothing of a file can be trusted: whoever takes days looks through all of them first.
    """
    frame = Frame(name="NEM12", kinds=_KINDS)
    stream: Stream | None = None
    day: StreamDay | None = None
    for number, row in _records(lines):
        kind, cells = frame.check(number, row)
        if day and kind in _ENDS_A_DAY:
            yield day.told_all()
            day = None
        if kind in _HEADS and len(row) > _LONGEST_HEAD:
            raise fault(number, f"the {kind} record is longer than {_LONGEST_HEAD} bytes")
        if kind == "200":
            stream = _stream(number, cells, head=f"{frame.header}\n{row}")
        elif kind == "300":
            day = _day(number, row, cells, stream)
        elif kind == "400":
            _tell(number, row, cells, day)
    frame.end()


def _records(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the records. A sender may break a long 300 record after a comma: a line that begins none is its rest."""
    held: list[str] = []
    first = length = 0
    for number, row in lines:
        if held and _goes_on(held, row):
            held.append(row)
            length += len(row)
            if length > _LONGEST_RECORD:
                raise fault(first, f"the 300 record is longer than {_LONGEST_RECORD} bytes")
            continue
        if held:
            yield first, "".join(held)
        held, first, length = [row], number, len(row)
    if held:
        yield first, "".join(held)


def _goes_on(held: list[str], row: str) -> bool:
    return held[0].startswith("300,") and held[-1].endswith(",") and row.partition(",")[0] not in _KINDS


def _stream(number: int, cells: list[str], *, head: str) -> Stream:
    nmi, _, _, suffix, _, _, unit, minutes = (cells + [""] * 8)[:8]
    if not nmi or len(suffix) != _BEFORE_VALUES:
        raise fault(number, "a 200 record needs an NMI and a suffix of two signs")
    if minutes not in map(str, MINUTES):
        raise fault(number, f"the interval length {minutes[:20]!r} must be one of {', '.join(map(str, MINUTES))}")
    return Stream(head=head, nmi=nmi, suffix=suffix.upper(), unit=unit.lower(), minutes=int(minutes))


def _day(number: int, row: str, cells: list[str], stream: Stream | None) -> StreamDay:
    if stream is None:
        raise fault(number, "a 300 record stands before any 200 record")
    given = next((index for index, cell in enumerate(cells[1:]) if not _VALUE.fullmatch(cell)), len(cells) - 1)
    if given != stream.slots:
        raise fault(
            number,
            f"the 300 record has {given} values, but the 200 record above says intervals of {stream.minutes} minutes, "
            f"which are {stream.slots}",
        )
    flag = cells[1 + given] if len(cells) > 1 + given else ""
    quality = None if flag == VARIES else _quality(number, flag)
    try:
        day = datetime.strptime(cells[0], "%Y%m%d").date()  # noqa: DTZ007 - a date; NEM time is added later
    except ValueError:
        raise fault(number, f"{cells[0][:20]!r} is no date like 20261003") from None
    values = cells[1 : 1 + given]
    version = version_of(*cells[4 + given : 6 + given])  # behind the flag: reason, its description, both times
    return StreamDay(stream, number, [row], day, values, flag == VARIES, [quality] * given, version)


def _tell(number: int, row: str, cells: list[str], day: StreamDay | None) -> None:
    if day is None:
        raise fault(number, "a 400 record stands before any 300 record")
    first, last, flag = (cells + [""] * 3)[:3]
    slots = day.stream.slots
    if not (_INDEX.fullmatch(first) and _INDEX.fullmatch(last) and 1 <= int(first) <= int(last) <= slots):
        raise fault(number, f"the 400 record is of intervals {first[:20]} to {last[:20]}, but the day has 1 to {slots}")
    quality = _quality(number, flag)
    for index in range(int(first) - 1, int(last)):
        day.qualities[index] = quality
        day.told.add(index)
    day.rows.append(row)
    day.length += len(row)
    if day.length > _LONGEST_RECORD:
        raise fault(day.line, f"the 300 record and its 400 records are longer than {_LONGEST_RECORD} bytes")


def _quality(number: int, flag: str) -> Quality | None:
    try:
        return quality_of(flag)
    except KeyError:
        raise fault(number, f"the quality flag {flag[:20]!r} must begin with A, S, F, E, N or V") from None
