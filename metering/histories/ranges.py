"""How finely a history is asked for, and how long a range of it may be."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from gridhall.kit.localdays import Days, Month
from gridhall.kit.settings import Settings

_YEARS: Final = range(1970, 2200)
"""No meter was read before; far beyond, days have no instant."""

_MONTHS: Final = 12


class Resolution(StrEnum):
    """How long the slots of an answer are."""

    INTERVAL = "interval"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class RangeLimits:
    """The longest range of one answer, in days, by resolution. What is longer is asked for in pieces, or exported."""

    most_days: dict[Resolution, int]

    @classmethod
    def of(cls, settings: Settings) -> "RangeLimits":
        """Return the limits of a deployment."""
        return cls(
            {
                Resolution.INTERVAL: settings.usage_max_interval_days,
                Resolution.DAY: settings.usage_max_days,
                Resolution.MONTH: settings.usage_max_years * 366,
                Resolution.YEAR: settings.usage_max_years * 366,
            }
        )

    def check(self, *, start: date, end: date, resolution: Resolution) -> Days:
        """Return the local days from `start` up to `end`. Raises RangeRefusedError where they are none, or too many."""
        most = self.most_days[resolution]
        if not in_reach(start, end) or not 0 < (end - start).days <= most:
            raise RangeRefusedError(most)
        return Days(start, end)

    def last(self, count: int, *, resolution: Resolution, today: date) -> Days:
        """Return the last `count` slots: days up to and with yesterday, months and years with the running one.

        Of intervals, `count` is days. Raises RangeRefusedError where they are none, or too many.
        """
        most = self.most_days[resolution]
        if not 0 < count <= most:
            raise RangeRefusedError(most)
        if resolution is Resolution.MONTH:
            start, end = Month.of(today).shift(1 - count).first, Month.of(today).shift(1).first
        elif resolution is Resolution.YEAR:
            start, end = date(max(1, today.year + 1 - count), 1, 1), date(today.year + 1, 1, 1)
        else:
            start, end = today - timedelta(days=count), today
        return self.check(start=start, end=end, resolution=resolution)


def in_reach(start: date, end: date) -> bool:
    """Say whether there can be a history from one day to another at all."""
    return start.year in _YEARS and end.year in _YEARS


def months_of(days: Days) -> list[Month]:
    """Return the calendar months in which the days fall, in order."""
    first, last = Month.of(days.start), Month.of(days.end - timedelta(days=1))
    count = (last.year - first.year) * _MONTHS + last.number - first.number
    return [first.shift(offset) for offset in range(count + 1)] if len(days) else []


def overlap(days: Days, other: Days | None) -> Days:
    """Return the days that are in both ranges; all of `days` where there is no other."""
    if other is None:
        return days
    start, end = max(days.start, other.start), min(days.end, other.end)
    return Days(start, max(start, end))


class RangeRefusedError(ValueError):
    """A range of days that is empty, too long, or where no history can be."""

    def __init__(self, most: int) -> None:
        super().__init__(f"from, to: must span 1 to {most} days, with to later than from")
        self.most = most
