"""The daily payload of State Grid: JSON in which a household's days have `dayElePq` and periods of use beside it.

    {"consNo": "3301...", "sevenEleList": [{"day": "20261003", "dayElePq": "9.61", "thisPPq": "5.1", "thisVPq": "-"}]}

One document a line, or one over several lines; a list or an object around it does not matter. The meter is what
`meter`, `meterNo`, `consNo` or `consNo_dst` says beside the day or above it: this payload knows households, so whoever
sends it has their meters registered under the number of the household. What else stands in it is not read.
"""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import orjson

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.feed.formats.missing import is_missing
from gridhall.metering.feed.formats.rows import DayEnergy, DeliveryRefusedError, Rows
from gridhall.metering.feed.lines import Lines, cut_lines, raw
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.refusals import RefusedRow

_TOTAL: Final = "dayElePq"
_PERIODS: Final = MappingProxyType(
    {
        _TOTAL: "total",
        "thisTPq": "critical_peak",
        "thisPPq": "peak",
        "thisNPq": "flat",
        "thisVPq": "valley",
    }
)
"""Our period by the word for it."""

_NUMBERS: Final = ("meter", "meterNo", "consNo", "consNo_dst")
_DAYS: Final = ("day", "date")
_DEEPEST: Final = 16
_GOES_ON: Final = ("{", "[", ",")
"""How the first line of a document over several lines ends."""

_LONGEST_ROW: Final = 2**16
"""Of a day in such a document, as it is kept where it is refused."""

_MOST_BYTES: Final = 16 * 2**20
"""Of one document over several lines, because it lies in memory; one a line may be as many as there are."""


@dataclass(frozen=True, slots=True)
class StateGrid:
    """The format `state-grid`."""

    name: str = "state-grid"

    def recognises(self, head: bytes) -> bool:
        """Tell a feed by its first sign and the word for the energy of a day."""
        begins = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        return begins in {b"{", b"["} and f'"{_TOTAL}"'.encode() in head

    async def rows(self, chunks: AsyncIterator[bytes], *, limits: Limits) -> AsyncIterator[Rows]:
        """Yield the days. Raises DeliveryRefusedError where one document over several lines is not sound."""
        held: list[str] | None = None
        begun, size = False, 0
        async for lines in cut_lines(chunks, limits=limits):
            first = next((row for row in lines.rows if row.strip()), None)
            if not begun and first is not None:
                held = [] if first.rstrip().endswith(_GOES_ON) and _parsed(first) is None else None
                begun = True
            if held is None:
                yield _read(lines)
                continue
            held += lines.rows
            size += sum(map(len, lines.rows))
            if size > _MOST_BYTES:
                raise DeliveryRefusedError(f"one document has more than {_MOST_BYTES} bytes; write one a line")
            if lines.refused:
                yield Rows(refused=lines.refused)
        if held is not None:
            yield _read_whole("\n".join(held))

    def alone(self, *, head: bytes, row: bytes) -> bytes:
        """Return the row: it names its household."""
        return head + row + b"\n"


def _read(lines: Lines) -> Rows:
    rows = Rows(refused=lines.refused)
    for line, row in zip(lines.numbers, lines.rows, strict=True):
        if not row or row.isspace():
            continue
        document = _parsed(row)
        if document is None:
            rows.refused.append(RefusedRow(line=line, raw=raw(row), code="not-json", params={}))
            continue
        days = list(_days(document))
        for number, day in days:
            _add(rows, line, row, number, day)
        if not days:
            rows.refused.append(_bad(line, row, _TOTAL, "a day of a household, or days in a list"))
    return rows


def _read_whole(text: str) -> Rows:
    document = _parsed(text)
    if document is None:
        raise DeliveryRefusedError("it is no JSON, neither line by line nor as a whole")
    rows = Rows()
    for place, (number, day) in enumerate(_days(document), start=1):
        read = {_NUMBERS[0]: number, **{word: day[word] for word in (*_DAYS, *_PERIODS) if word in day}}
        _add(rows, place, json.dumps(read, ensure_ascii=False)[:_LONGEST_ROW], number, day)
    return rows


def _parsed(text: str) -> dict[str, Any] | list[Any] | None:
    try:
        orjson.loads(text)  # which is stricter: no NaN, no endless nesting
        document = json.loads(text, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict | list) else None


def _days(document: object, number: str = "", *, depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object with the energy of a day, and the number of its household."""
    if depth > _DEEPEST:
        return
    if isinstance(document, list):
        for one in document:
            yield from _days(one, number, depth=depth + 1)
    elif isinstance(document, dict):
        number = _number(document) or number
        if _TOTAL in document:
            yield number, document
            return
        for one in document.values():
            yield from _days(one, number, depth=depth + 1)


def _number(document: dict[str, Any]) -> str:
    """Return the number that an object says, itself or in an object right below it."""
    below = (one for one in document.values() if isinstance(one, dict))
    for one in (document, *below):
        for name in _NUMBERS:
            if isinstance(one.get(name), str) and one[name]:
                return str(one[name])
    return ""


def _add(rows: Rows, line: int, row: str, number: str, day: dict[str, Any]) -> None:
    on = next((day[name] for name in _DAYS if isinstance(day.get(name), str)), None)
    energies = {period: day[word] for word, period in _PERIODS.items() if word in day}
    wrong = [word for word in _PERIODS if isinstance(day.get(word), bool | list | dict)]
    if not number:
        rows.refused.append(_bad(line, row, "meter", f"a text, in one of {', '.join(_NUMBERS)}"))
    elif on is None:
        rows.refused.append(_bad(line, row, "day", "a date like 20261003"))
    elif wrong:
        rows.refused.append(_bad(line, row, wrong[0], "a number"))
    else:
        rows.parts.append(
            DayEnergy(
                line=line,
                row=row,
                meter=(number, IMPORT_KWH, DAY_MINUTES),
                day=on,
                energies={period: None if is_missing(text) else text for period, text in energies.items()},
            )
        )


def _bad(line: int, row: str, field: str, allowed: str) -> RefusedRow:
    return RefusedRow(line=line, raw=raw(row), code="bad-field", params={"field": field, "allowed": allowed})
