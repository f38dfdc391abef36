"""The door: rows come in as they were written, readings that may be stored go on, the others are refused."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from itertools import repeat
from typing import Final

from gridhall.metering.feed.checks import check_past, check_quality, check_slot_count
from gridhall.metering.feed.drafts import waves
from gridhall.metering.feed.energies import energy_piece, in_waves
from gridhall.metering.feed.formats.rows import DayEnergy, MeterDay, Readings, RegisterRow, Rows
from gridhall.metering.feed.gauges import Gauge, Gauges
from gridhall.metering.feed.lines import raw
from gridhall.metering.feed.memo import Memo
from gridhall.metering.feed.model import FeedSource, Limits
from gridhall.metering.feed.refusals import NotTakenError, RefusedRow
from gridhall.metering.feed.registers import register_read
from gridhall.metering.feed.wide_days import in_slots
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY
from gridhall.metering.points.model import KnownMeter
from gridhall.metering.registers.model import RegisterRead


@dataclass(slots=True)
class Checked:
    """A batch after the door. waves: pieces to store, one wave after the other. repeated: readings said twice in it."""

    waves: list[list[DayPiece]] = field(default_factory=list)
    registers: list[RegisterRead] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    repeated: int = 0


_LONGEST_DAY: Final = 32
_head = lru_cache(maxsize=8)(raw)  # what stands above rows is the same of all of them, and kept once


class Door:
    """The checks of one intake. A row is refused with the first reason found."""

    def __init__(self, *, source: FeedSource, limits: Limits, now: datetime) -> None:
        self._gauges = Gauges(source=source, limits=limits, now=now)
        self._checked = Checked()
        self._refused: list[RefusedRow] = []
        self._of_days: list[DayPiece] = []

    def check(self, rows: Rows, *, known: Mapping[str, KnownMeter]) -> Checked:
        """Check a batch of rows against the meters of it that anybody knows. Pure."""
        refused = self.take(rows, known=known)
        checked = self.end_batch()
        checked.refused = refused
        return checked

    def take(self, rows: Rows, *, known: Mapping[str, KnownMeter]) -> list[RefusedRow]:
        """Check some rows of a batch, of which more may follow, and return those that are refused. Pure."""
        self._gauges.know(known)
        self._refused = list(rows.refused)
        for part in rows.parts:
            if isinstance(part, Readings):
                self._take_readings(part)
            elif isinstance(part, MeterDay):
                self._take_day(part)
            elif isinstance(part, DayEnergy):
                self._take_energy(part)
            else:
                self._take_registers(part)
        return _joined(self._refused)

    def end_batch(self) -> Checked:
        """Return what became of the rows that were not refused, and begin the next batch."""
        checked, self._checked = self._checked, Checked()
        of_days, self._of_days = self._of_days, []
        checked.waves, repeated = waves(self._gauges.end_batch())
        checked.waves += in_waves(of_days)
        checked.repeated += repeated
        return checked

    def _take_readings(self, part: Readings) -> None:
        """Sort readings into days. This loop runs once a reading of the whole feed: every look-up is a dictionary's."""
        gauges, codes, known = Memo(self._gauges.gauge), self._gauges.codes, self._gauges.versions
        versions = part.versions or repeat(None, len(part.lines))
        columns = zip(part.meters, part.starts, part.energies, part.qualities, versions, strict=True)
        for index, (meter, start, energy, quality, said) in enumerate(columns):
            try:
                gauge = gauges[meter]
                day, slot = gauge.places[start]
                value, code, version = gauge.energies[energy], codes[quality], known[said]
                draft = gauge.drafts.get(day) or gauge.draft(day)
            except NotTakenError as no:
                self._refused.append(_refused_reading(part, index, no))
                continue
            if draft.values[slot] < 0 and not version:
                draft.values[slot], draft.codes[slot] = value, code
            elif not draft.put(slot, value, code, version):
                self._checked.repeated += 1

    def _take_day(self, row: MeterDay) -> None:
        try:
            gauge = self._gauges.gauge(row.meter)
            day = self._gauges.days[row.day]
            minutes = gauge.known.meter.interval_minutes
            if row.clock is not None:
                row.energies = in_slots(row.energies, clock=row.clock, day=day, zone=gauge.zone, minutes=minutes)
            check_slot_count(len(row.energies), day=day, zone=gauge.zone, minutes=minutes)
            codes, version = _codes(row), self._gauges.versions[row.version]
            draft = gauge.draft(day)
        except NotTakenError as no:
            readings = max(len(row.energies) - row.energies.count(None), 1)
            self._refused.append(
                _refused(row.line, row.row, no, meter=row.meter[0], day=row.day, readings=readings, head=row.head)
            )
            return
        values = self._whole_day(row, gauge, day)
        if values is None:
            values = self._good_slots(row, gauge, day)
        if MISSING in values:
            codes = bytearray(MISSING_QUALITY if value < 0 else code for value, code in zip(values, codes, strict=True))
        self._checked.repeated += draft.put_all(values, codes, version)

    def _take_energy(self, row: DayEnergy) -> None:
        try:
            piece = energy_piece(row, gauges=self._gauges)
        except NotTakenError as no:
            refused = _refused(row.line, row.row, no, meter=row.meter[0], day=row.day, head=row.head)
            self._refused.append(refused)
            return
        if piece is not None:
            self._of_days.append(piece)

    def _take_registers(self, row: RegisterRow) -> None:
        try:
            gauge = self._gauges.gauge(row.meter)
            self._checked.registers.append(register_read(row, gauge=gauge, latest=self._gauges.latest))
        except NotTakenError as no:
            on = row.at.partition("T")[0] if "T" in row.at else None
            self._refused.append(_refused(row.line, row.row, no, meter=row.meter[0], day=on, head=row.head))

    def _whole_day(self, row: MeterDay, gauge: Gauge, day: date) -> list[int] | None:
        """Return the values of a row without a fault; None where its slots have to be looked at one by one."""
        if not self._gauges.over(day, gauge.zone):
            return None
        try:
            return list(map(gauge.energies.__getitem__, row.energies))
        except NotTakenError:
            return None

    def _good_slots(self, row: MeterDay, gauge: Gauge, day: date) -> list[int]:
        """Take the good slots of a row that has bad ones; it is kept in quarantine once a reason, with their number."""
        minutes = gauge.known.meter.interval_minutes
        past = self._gauges.slots_past(day, gauge.zone, minutes)
        values: list[int] = []
        reasons: dict[str, NotTakenError] = {}
        count = Counter[str]()
        for slot, energy in enumerate(row.energies):
            try:
                value = gauge.energies[energy]
                if value >= 0:
                    check_past(slot, past=past)
            except NotTakenError as no:
                value = MISSING
                reasons.setdefault(no.code, no)
                count[no.code] += 1
            values.append(value)
        self._refused += [
            _refused(row.line, row.row, no, meter=row.meter[0], day=row.day, readings=count[code], head=row.head)
            for code, no in reasons.items()
        ]
        return values


def _codes(row: MeterDay) -> bytearray:
    if not isinstance(row.quality, list):
        return bytearray([check_quality(row.quality)]) * len(row.energies)
    if len(row.quality) != len(row.energies):
        raise NotTakenError("bad-field", field="quality", allowed="one code, or as many codes as values")
    return bytearray(map(check_quality, row.quality))


def _joined(refused: list[RefusedRow]) -> list[RefusedRow]:
    """Return refused rows in order; what one line says of several readings is one refusal a reason."""
    joined: dict[tuple[int, str], RefusedRow] = {}
    for row in refused:
        before = joined.get((row.line, row.code))
        joined[row.line, row.code] = replace(before, readings=before.readings + row.readings) if before else row
    return sorted(joined.values(), key=lambda row: row.line)


def _refused_reading(part: Readings, index: int, no: NotTakenError) -> RefusedRow:
    start, number = part.starts[index], part.meters[index][0]
    on = start.partition("T")[0] if "T" in start else None
    return _refused(part.lines[index], part.rows[index], no, meter=number, day=on, head=part.head)


def _refused(
    line: int, row: str, no: NotTakenError, *, meter: str, day: str | None = None, readings: int = 1, head: str = ""
) -> RefusedRow:
    return RefusedRow(
        line=line,
        raw=raw(row),
        code=no.code,
        params=no.params,
        readings=readings,
        meter=meter[:64],
        day=day and day[:_LONGEST_DAY],
        head=_head(head),
    )
