"""The days of last year that some days are to be compared with."""

from datetime import date, timedelta
from typing import Final

from gridhall.kit.localdays import Days
from gridhall.kit.workdays import a_lunar_year_before
from gridhall.metering.load.days import CHINA

FIFTY_TWO_WEEKS: Final = timedelta(weeks=52)
"""So that a Monday is compared with a Monday."""

LUNAR_MONTHS: Final = frozenset({1, 2, 3})
"""Spring Festival falls between 21 January and 20 February; the weeks around it move with it."""


def lunar_aligned(days: Days) -> Days:
    """Return the days of the year before that lie alike around Spring Festival.

    A household used 419, 558 and 261 kWh in January, February and March: without this every second spring alarms.
    """
    start = a_lunar_year_before(days.start)
    return Days(start, start + timedelta(days=len(days)))


def moves_with_the_moon(day: date, *, zone: str) -> bool:
    """Tell whether a day has to be compared by the lunar year."""
    return zone in CHINA and day.month in LUNAR_MONTHS


def a_year_before(days: Days, *, zone: str) -> Days:
    """Return the days of last year to compare with: lunar-aligned in January to March in China, else 52 weeks back."""
    if moves_with_the_moon(days.start, zone=zone):
        return lunar_aligned(days)
    return Days(days.start - FIFTY_TWO_WEEKS, days.end - FIFTY_TWO_WEEKS)
