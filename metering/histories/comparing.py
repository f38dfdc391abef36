"""Two stretches of a history set beside each other like for like: day against day, or not at all. Pure.

Only pairs of days count of which both are whole, so half a history is never shown as a fall, a running month is
compared with as many days of the other, and the 29th of February or the 31st has nobody to be compared with.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

from gridhall.kit.localdays import Days, Month
from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.model import DayTotals
from gridhall.metering.histories.tables import DaysKept

WHOLE: Final = Decimal("0.95")
"""Share of its slots that a day must have to be compared, or to be the lowest of a range."""

LEAST_PAIRS: Final = Decimal("0.5")
"""Share of the days that must find a pair. Source: suppliers compare tariffs from half of the reads on."""

_YEAR: Final = 12

Reason = Literal["not_begun", "no_history", "thin_history", "was_zero"]


class Against(StrEnum):
    """What a range is compared with."""

    PREVIOUS_PERIOD = "previous_period"
    SAME_PERIOD_LAST_YEAR = "same_period_last_year"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing.

    days: those of the range that have passed. other: the days that they are set beside. pairs: how many days of each
    were compared; total and other_total are the energy of just these, in kWh or kVArh, exact.
    change: 0.1 is a tenth more than before. Where it is None, reason says why; below half of the pairs the totals
    are None too.
    """

    against: Against
    days: Days
    other: Days
    pairs: int
    total: Decimal | None
    other_total: Decimal | None
    change: Decimal | None
    reason: Reason | None


def counterpart(days: Days, against: Against) -> tuple[Days, Callable[[date], date | None]]:
    """Return the range that `days` is compared with, and for each day its own counterpart, None where it has none.

    Whole calendar months are compared by the number of the day, any other range with the one of equal length
    before it.
    """
    whole_months = days.start.day == 1 and days.end.day == 1
    if against is Against.PREVIOUS_PERIOD and not whole_months:
        back = timedelta(days=len(days))
        return Days(days.start - back, days.start), lambda day: day - back
    months = _YEAR
    if against is Against.PREVIOUS_PERIOD:
        months = (days.end.year - days.start.year) * _YEAR + days.end.month - days.start.month
    start, end = (_first_from(day, months) for day in (days.start, days.end))
    return Days(start, end), lambda day: _same_day(day, months)


def compare(*, kept: DaysKept, days: Days, against: Against, today: date) -> Comparison:
    """Compare those of the days that are before `today` with their counterparts.

    `kept` must hold the months of `days` and of `counterpart(days)`.
    """
    passed = Days(days.start, max(days.start, min(days.end, today)))
    other, find = counterpart(days, against)
    pairs, seen = [], 0
    others = dict(kept.of(other))
    for day, entry in kept.of(passed):
        beside = find(day)
        if beside is not None:
            seen += 1
            before = others.get(beside)
            if entry and before and _whole(entry) and _whole(before):
                pairs.append((entry, before))
    reason = _reason(passed, any(others.values()), seen, len(pairs))
    if reason:
        return Comparison(against, passed, other, len(pairs), None, None, None, reason)
    total = sum((_energy(entry) for entry, _ in pairs), Decimal(0))
    before_total = sum((_energy(before) for _, before in pairs), Decimal(0))
    change = total / before_total - 1 if before_total else None
    return Comparison(
        against, passed, other, len(pairs), total, before_total, change, None if before_total else "was_zero"
    )


def _reason(passed: Days, any_history: bool, seen: int, pairs: int) -> Reason | None:  # noqa: FBT001 - not public
    if not len(passed):
        return "not_begun"
    if not any_history:
        return "no_history"
    return "thin_history" if not pairs or pairs < LEAST_PAIRS * seen else None


def is_whole(*, present: int, expected: int) -> bool:
    """Tell whether enough slots are there for a total to stand for the whole."""
    return present > 0 and present >= WHOLE * expected


def _whole(day: DayTotals) -> bool:
    return is_whole(present=day.present, expected=day.expected)


def _energy(day: DayTotals) -> Decimal:
    return from_scaled(sum(day.totals.values()), scale=day.scale)


def _same_day(day: date, months: int) -> date | None:
    month = Month.of(day).shift(-months)
    return next(_days_numbered(month, day.day), None)


def _first_from(day: date, months: int) -> date:
    """Return the same day `months` before, the first of the next month where that month has no such day."""
    month = Month.of(day).shift(-months)
    return next(_days_numbered(month, day.day), month.shift(1).first)


def _days_numbered(month: Month, number: int) -> Iterator[date]:
    if number <= len(month.days):
        yield month.first.replace(day=number)
