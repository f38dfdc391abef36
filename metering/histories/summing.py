"""Adding up the totals of days, which may be of different scales and calendars. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field

from gridhall.metering.histories.model import DayTotals
from gridhall.metering.quality import worst


@dataclass(slots=True)
class Sum:
    """What several days amount to; `total` and `by_period` are counts of 10**-scale."""

    scale: int
    total: int = 0
    by_period: dict[str, int] = field(default_factory=dict)
    present: int = 0
    quality: int | None = None


def add_up(days: Collection[DayTotals], *, scale: int) -> Sum:
    """Add days up at `scale`, which must be no coarser than any of theirs."""
    by_period: dict[str, int] = {}
    present = 0
    for day in days:
        factor = 10 ** (scale - day.scale) if day.scale != scale else 1
        for period, energy in day.totals.items():
            by_period[period] = by_period.get(period, 0) + energy * factor
        present += day.present
    return Sum(
        scale=scale,
        total=sum(by_period.values()),
        by_period=by_period,
        present=present,
        quality=worst({day.quality for day in days}),
    )


def finest(days: Collection[DayTotals]) -> int:
    """Return the largest scale of the days, 0 of none."""
    return max((day.scale for day in days), default=0)
