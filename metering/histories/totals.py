"""The energy of a day, split by the periods of a time-of-use calendar, and what a month keeps of the day."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Final

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.metering.calendars import calendar, periods_of_day
from gridhall.metering.histories.model import DayBucket, DayTotals
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY, count_present
from gridhall.metering.quality import worst

UNDIVIDED: Final = "total"
"""Period of the energy of a day of which nobody knows when it flowed."""

Runs = tuple[tuple[str, tuple[slice, ...]], ...]


def totals_by_period(values: Sequence[int], *, code: str, day: date, minutes: int, zone: str) -> dict[str, int]:
    """Return the sum of the present values a period of the calendar `code`, also where a period has none."""
    if minutes == DAY_MINUTES:
        return {undivided(code): sum(value for value in values if value >= 0)}
    if MISSING in values:
        values = [value if value > 0 else 0 for value in values]  # noqa: FURB136 - max() takes four times as long
    return {period: sum([sum(values[part]) for part in parts]) for period, parts in _runs(code, day, minutes, zone)}


def undivided(code: str) -> str:
    """Return the period of energy that nobody divided: the only one of the calendar `code`, else `total`."""
    periods = calendar(code).periods
    return periods[0] if len(periods) == 1 else UNDIVIDED


@lru_cache(maxsize=8192)
def periods_by_slot(code: str, day: date, minutes: int, zone: str) -> tuple[str, ...]:
    """Return the period of every slot of a day."""
    of_code = calendar(code)
    return tuple(of_code.periods[index] for index in periods_of_day(of_code, day=day, minutes=minutes, zone=zone))


@lru_cache(maxsize=8192)
def _runs(code: str, day: date, minutes: int, zone: str) -> Runs:
    """Return the slots of every period as slices: summing slices is several times faster than walking slots."""
    of_code = calendar(code)
    parts: list[list[slice]] = [[] for _ in of_code.periods]
    first = 0
    for index, run in groupby(periods_of_day(of_code, day=day, minutes=minutes, zone=zone)):
        until = first + len(list(run))
        parts[index].append(slice(first, until))
        first = until
    return tuple((period, tuple(slices)) for period, slices in zip(of_code.periods, parts, strict=True))


def totals_of(bucket: DayBucket) -> DayTotals:
    """Return what a month keeps of a day."""
    slots = bucket.slots
    codes = {bucket.quality} if isinstance(bucket.quality, int) else set(bucket.quality) - {MISSING_QUALITY}
    return DayTotals(
        revision=bucket.revision,
        scale=bucket.scale,
        present=count_present(bucket.values, slots=slots),
        expected=slots,
        quality=worst(codes) or 0,
        totals=bucket.totals,
    )
