"""Meter-day rows whose columns are the same on every day, on days on which the clocks are put on or back."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from gridhall.kit.localdays import day_start, slots_in
from gridhall.metering.feed.refusals import NotTakenError

Energies = list[str | int | None]

_AN_HOUR = 60


def in_slots(energies: Energies, *, clock: tuple[int, ...], day: date, zone: str, minutes: int) -> Energies:
    """Return one value for each slot of the local day, in the order in which they pass; `clock` as of `MeterDay`.

    Refuses a row that has no column for a slot of the day, and one with a value for a time that the day has not.
    """
    expected = slots_in(day, zone, minutes)
    columns = _columns(clock, day, zone, minutes) if clock else range(min(expected, len(energies)))
    if columns is None:
        raise NotTakenError("wrong-slot-count", given=len(energies), expected=expected, minutes=minutes)
    if len(columns) == len(energies):
        return energies if columns == range(len(energies)) else [energies[column] for column in columns]
    slots = [energies[column] for column in columns]
    given = len(energies) - energies.count(None)
    if given > len(slots) - slots.count(None):
        raise NotTakenError("wrong-slot-count", given=given, expected=expected, minutes=minutes)
    return slots


@lru_cache(maxsize=4096)
def _columns(clock: tuple[int, ...], day: date, zone: str, minutes: int) -> Sequence[int] | None:
    """Return the column of each slot of the day, None where a slot has no column."""
    of_time: dict[int, list[int]] = {}
    for column, time in enumerate(clock):
        of_time.setdefault(time, []).append(column)
    begin, local = day_start(day, zone), ZoneInfo(zone)
    columns = []
    for slot in range(slots_in(day, zone, minutes)):
        shown = (begin + slot * timedelta(minutes=minutes)).astimezone(local)
        found = of_time.get(shown.hour * _AN_HOUR + shown.minute, [])
        if len(found) <= shown.fold:
            return None
        columns.append(found[shown.fold])
    in_order = range(len(columns))
    return in_order if columns == list(in_order) else columns
