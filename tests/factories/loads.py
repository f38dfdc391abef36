"""Curves of energy, made day by day."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from gridhall.kit.localdays import Days, day_start
from gridhall.metering.histories.series import IntervalSeries

AS_OF = datetime(2026, 11, 1, 2, tzinfo=UTC)


def a_curve(
    days: Days,
    day: Callable[[date], Sequence[int | None]],
    *,
    minutes: int = 15,
    scale: int = 3,
    zone: str = "Asia/Shanghai",
) -> IntervalSeries:
    """The curve of `days`, whose slots `day` tells; valley (1) is 22 to 8, peak (0) the rest."""
    slots = 24 * 60 // minutes
    values = [value for one in days for value in day(one)]
    clocks = [index % slots * minutes // 60 for index in range(len(values))]
    present = sum(value is not None for value in values)
    return IntervalSeries(
        channel="import-kwh",
        start=day_start(days.start, zone),
        minutes=minutes,
        scale=scale,
        values=tuple(values),
        quality=tuple(None if value is None else 0 for value in values),
        periods=tuple(int(hour < 8 or hour >= 22) for hour in clocks),
        period_codes=("peak", "valley"),
        days=tuple(days),
        first_slots=tuple(range(0, len(values), slots)),
        present=present,
        expected=len(values),
        as_of=AS_OF,
    )


def used_each(days: Days, energy: Callable[[date], int]) -> dict[date, int]:
    """The energy of every day, by a rule."""
    return {day: energy(day) for day in days}


def weeks(start: date, count: int) -> Days:
    """So many weeks from a day on."""
    return Days(start, start + timedelta(weeks=count))
