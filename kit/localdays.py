"""Local days, their slots, and billing months.

An instant is UTC. A day is a local day of a time zone. A slot is a real elapsed interval named by its start, so
a day of 23 hours has 92 quarters and one of 25 hours has 100.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

DAY_MINUTES: Final = 24 * 60
"""A slot of so many minutes is a whole local day, however long that is."""

_ONE_DAY = timedelta(days=1)
_MONTHS = 12


@lru_cache(maxsize=8192)
def day_start(day: date, zone: str) -> datetime:
    """Return the instant (UTC) at which the local `day` begins in `zone`."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def local_day(instant: datetime, zone: str) -> date:
    """Return the local day of `zone` on which the aware `instant` falls."""
    return instant.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=8192)
def slots_in(day: date, zone: str, minutes: int) -> int:
    """Return how many whole slots of `minutes` the local `day` has (92, 96 or 100 quarters, one of DAY_MINUTES)."""
    if minutes == DAY_MINUTES:
        return 1
    elapsed = day_start(day + _ONE_DAY, zone) - day_start(day, zone)
    return int(elapsed.total_seconds()) // (60 * minutes)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, the label of a billing period."""

    year: int
    number: int

    @classmethod
    def parse(cls, label: str) -> "Month":
        """Read `2026-10`. Raises ValueError that says what is allowed."""
        try:
            first = date.fromisoformat(f"{label}-01")
        except ValueError:
            raise ValueError(f"{label!r} is not a month; write it like 2026-10") from None
        return cls(first.year, first.month)

    @classmethod
    def of(cls, day: date) -> "Month":
        """Return the month in which `day` falls."""
        return cls(day.year, day.month)

    def shift(self, months: int) -> "Month":
        """Return the month `months` later (earlier where negative)."""
        count = self.year * _MONTHS + self.number - 1 + months
        return Month(count // _MONTHS, count % _MONTHS + 1)

    @property
    def first(self) -> date:
        """The first day of the month."""
        return date(self.year, self.number, 1)

    @property
    def days(self) -> "Days":
        """The days of the calendar month."""
        return Days(self.first, self.shift(1).first)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@dataclass(frozen=True, slots=True)
class Days:
    """A half-open range of local days: `start` belongs to it, `end` does not."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a range of days ends ({self.end}) before it starts ({self.start})")

    def __len__(self) -> int:
        return (self.end - self.start).days

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=offset) for offset in range(len(self)))

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end
