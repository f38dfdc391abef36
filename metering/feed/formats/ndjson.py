"""NDJSON: one JSON object a line, which is a reading, a meter-day or a register read by the fields it has.

    {"meter": "M1", "start": "2026-10-03T08:15:00+08:00", "kwh": "0.125", "quality": 0, "minutes": 15}
    {"meter": "M1", "day": "2026-10-03", "minutes": 15, "kwh": ["0.125", null, ...], "quality": 0}
    {"meter": "M1", "day": "2026-10-03", "energies": {"total": "9.61", "peak": "5.1", "valley": "4.51"}}
    {"meter": "M1", "at": "2026-10-01T00:00:00+08:00", "registers": {"total": "1234.56"}}

The third is of a meter that tells the energy of days and no curve. A register read that was not taken at the midnight
it stands for says when (`taken`). A value that is null, empty or a dash is missing.
Each may have a `channel` and a `version`, a whole number: of two values of a slot or register the higher version
holds, whichever came first. Numbers are best written as strings; those that are not are read by their
digits, never through a binary fraction.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final, cast

import orjson

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.feed.formats.missing import is_missing, with_gaps
from gridhall.metering.feed.formats.rows import DayEnergy, Meter, MeterDay, Part, Readings, RegisterRow, Rows
from gridhall.metering.feed.lines import Lines, cut_lines, raw
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.refusals import NotTakenError, RefusedRow

_READING: Final = frozenset({"meter", "channel", "start", "kwh", "quality", "minutes", "version"})
_DAY: Final = frozenset({"meter", "channel", "day", "minutes", "kwh", "quality", "version"})
_ENERGIES: Final = frozenset({"meter", "channel", "day", "energies", "quality", "version"})
_REGISTERS: Final = frozenset({"meter", "channel", "at", "registers", "quality", "version", "taken"})

_NUMBER_OR_MISSING = frozenset({str, int, NoneType})
_CODE = frozenset({int, NoneType})


@dataclass(frozen=True, slots=True)
class Ndjson:
    """The format `ndjson`."""

    name: str = "ndjson"

    def recognises(self, head: bytes) -> bool:
        """Tell a feed by its first character."""
        return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")

    async def rows(self, chunks: AsyncIterator[bytes], *, limits: Limits) -> AsyncIterator[Rows]:
        """Yield what the lines say, in their order."""
        async for lines in cut_lines(chunks, limits=limits):
            yield _read(lines)

    def alone(self, *, head: bytes, row: bytes) -> bytes:
        """Return the row: every line of NDJSON says all that there is to know."""
        return head + row + b"\n"


def _read(lines: Lines) -> Rows:
    batch = _Batch(lines)
    for line, row in zip(lines.numbers, lines.rows, strict=True):
        if row and not row.isspace():
            batch.add(line, row)
    batch.end_run()
    return batch.rows


_Reading = tuple[int, str, Meter, str, str | int, int | None, str | int | None]
"""A row of `Readings`, its version last."""


class _Batch:
    def __init__(self, lines: Lines) -> None:
        self.rows = Rows(refused=lines.refused)
        self._run: list[_Reading] = []

    def add(self, line: int, row: str) -> None:
        fields: dict[str, Any] = {}
        try:
            fields = _fields(row)
            if "energies" in fields:
                part: Part | None = _day_energy(line, row, fields)
            elif "day" in fields:
                part = _meter_day(line, row, fields)
            elif "registers" in fields:
                part = _register_row(line, row, fields)
            else:
                self._run += _reading(line, row, fields)
                return
        except NotTakenError as no:
            meter = fields.get("meter")
            self.rows.refused.append(
                RefusedRow(
                    line=line,
                    raw=raw(row),
                    code=no.code,
                    params=no.params,
                    meter=meter[:64] if isinstance(meter, str) else None,
                )
            )
            return
        if part is not None:
            self.end_run()
            self.rows.parts.append(part)

    def end_run(self) -> None:
        """Turn the readings since the last row of another kind into columns."""
        if self._run:
            *columns, versions = zip(*self._run, strict=True)
            said = versions.count(None) < len(versions)
            self.rows.parts.append(Readings(*columns, versions=versions if said else None))
            self._run = []


def _fields(row: str) -> dict[str, Any]:
    try:
        fields = orjson.loads(row)
    except orjson.JSONDecodeError:
        fields = None
    if not isinstance(fields, dict):
        raise NotTakenError("not-json")
    return fields


def _reading(line: int, row: str, fields: dict[str, Any]) -> list[_Reading]:
    """Return the reading of a row, nothing where its value is missing."""
    _allow(fields, _READING)
    energy = fields.get("kwh")
    if "kwh" in fields and is_missing(energy):
        return []
    if type(energy) is float:
        energy = _with_digits(row)["kwh"]
    if isinstance(energy, bool) or not isinstance(energy, str | int):
        raise NotTakenError("bad-field", field="kwh", allowed="a number")
    code, version = _code(fields.get("quality")), _version(fields.get("version"))
    return [(line, row, _meter(fields), _text(fields, "start"), energy, code, version)]


def _meter_day(line: int, row: str, fields: dict[str, Any]) -> MeterDay:
    _allow(fields, _DAY)
    energies = fields.get("kwh")
    kinds = set(map(type, energies)) if isinstance(energies, list) else {object}
    if float in kinds:
        energies = _with_digits(row)["kwh"]
        kinds = (kinds | {str}) - {float}
    if not kinds <= _NUMBER_OR_MISSING:
        raise NotTakenError("bad-field", field="kwh", allowed="a list of numbers and nulls")
    quality = fields.get("quality")
    codes = [_code(code) for code in quality] if isinstance(quality, list) else _code(quality)
    return MeterDay(
        line,
        row,
        _meter(fields),
        _text(fields, "day"),
        with_gaps(cast("list[str | int | None]", energies)),
        codes,
        version=_version(fields.get("version")),
    )


def _register_row(line: int, row: str, fields: dict[str, Any]) -> RegisterRow | None:
    """Return what the registers showed, None where all of them are missing."""
    _allow(fields, _REGISTERS)
    registers = {name: count for name, count in _numbers(row, fields, "registers").items() if count is not None}
    read = RegisterRow(
        line,
        row,
        _meter(fields),
        _text(fields, "at"),
        registers,
        _code(fields.get("quality")),
        version=_version(fields.get("version")),
        taken=_text(fields, "taken") if "taken" in fields else None,
    )
    return read if registers else None


def _day_energy(line: int, row: str, fields: dict[str, Any]) -> DayEnergy:
    _allow(fields, _ENERGIES)
    number, channel, _ = _meter(fields)
    return DayEnergy(
        line,
        row,
        (number, channel, DAY_MINUTES),
        _text(fields, "day"),
        _numbers(row, fields, "energies"),
        _code(fields.get("quality")),
        version=_version(fields.get("version")),
    )


def _numbers(row: str, fields: dict[str, Any], name: str) -> dict[str, str | int | None]:
    """Return an object of numbers; those that are missing are None."""
    numbers = fields[name]
    kinds = set(map(type, numbers.values())) if isinstance(numbers, dict) else {object}
    if float in kinds:
        numbers = _with_digits(row)[name]
        kinds = (kinds | {str}) - {float}
    if not numbers or not kinds <= _NUMBER_OR_MISSING:
        raise NotTakenError("bad-field", field=name, allowed="an object of numbers")
    return {key: None if is_missing(number) else number for key, number in numbers.items()}


def _with_digits(row: str) -> dict[str, Any]:
    """Read a row again with every fraction as its text: a float would not say what digits were written."""
    fields: dict[str, Any] = json.loads(row, parse_float=str)
    return fields


def _allow(fields: dict[str, Any], allowed: frozenset[str]) -> None:
    if not fields.keys() <= allowed:
        unknown = ",".join(sorted(fields.keys() - allowed))
        raise NotTakenError("unknown-columns", names=unknown, allowed=",".join(sorted(allowed)))


def _meter(fields: dict[str, Any]) -> Meter:
    minutes = fields.get("minutes")
    if type(minutes) not in _CODE:
        raise NotTakenError("bad-field", field="minutes", allowed="a whole number")
    channel = _text(fields, "channel") if "channel" in fields else IMPORT_KWH
    return _text(fields, "meter"), channel, minutes


def _text(fields: dict[str, Any], name: str) -> str:
    text = fields.get(name)
    if not isinstance(text, str):
        raise NotTakenError("bad-field", field=name, allowed="a text")
    return text


def _code(code: object) -> int | None:
    if code is None or type(code) is int:
        return code
    raise NotTakenError("bad-field", field="quality", allowed="an ESPI code")


def _version(version: object) -> str | int | None:
    if version is None or type(version) is int or type(version) is str:
        return version
    raise NotTakenError("bad-field", field="version", allowed="a whole number")
