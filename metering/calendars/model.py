"""A calendar: seasons of months, each cutting the local day into spans of one period."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["proven", "sourced", "weak", "background", "provisional"]
"""How sure a rule is: real bills prove it, a public file states it, a poor source does, memory does, a placeholder."""


@dataclass(frozen=True, slots=True)
class Title:
    """The name of a thing in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of the local day, `start` included and `end` not, that belong to the period of index `period`."""

    start: int
    end: int
    period: int


@dataclass(frozen=True, slots=True)
class Season:
    """The months (1 to 12) in which one division of the day holds; its spans cover the 24 hours in order."""

    months: frozenset[int]
    spans: tuple[Span, ...]

    def period_at(self, minute: int) -> int:
        """Return the index of the period to which a minute of the local day belongs."""
        return next(span.period for span in self.spans if minute < span.end)


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """A time-of-use calendar without prices.

    periods: codes of the open set of periods, in the order of registers and bill lines; totals use this index.
    titles: their names, in the same order.
    There is one object a code, so calendars are compared and hashed by identity, which keeps the slot cache cheap.
    """

    code: str
    title: Title
    status: Status
    source: str
    periods: tuple[str, ...]
    titles: tuple[Title, ...]
    seasons: tuple[Season, ...]

    def season_of(self, month: int) -> Season:
        """Return the season in which a month (1 to 12) falls; the loader has seen to it that there is one."""
        return next(season for season in self.seasons if month in season.months)
