"""Working days and holidays of China, and the lunar year, by packages that are kept.

The days off and the make-up working days are announced each November for the next year. Of a year that the package
does not know yet, weekends are off, and the holidays that the State Council's rules name (as of 2025) but Qingming.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import chinese_calendar
from lunardate import LunarDate

_ONE_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_FIXED: Final = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
_LUNAR: Final = frozenset({(1, 1), (1, 2), (1, 3), (5, 5), (8, 15)})


@lru_cache(maxsize=4096)
def is_workday(day: date) -> bool:
    """Tell whether people work on a day: make-up working days count, statutory holidays do not."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # so the package says that it does not know the year yet
        return day.weekday() < _SATURDAY and (day.month, day.day) not in _FIXED and _lunar(day) not in _LUNAR


def add_workdays(day: date, *, days: int) -> date:
    """Return the day that is so many working days after `day`."""
    while days:
        day += _ONE_DAY
        days -= is_workday(day)
    return day


@lru_cache(maxsize=512)
def lunar_new_year(year: int) -> date:
    """Return the first day of the lunar year (春节) that begins in a year of the calendar, 1900 to 2099."""
    first: date = LunarDate(year, 1, 1).to_solar_date()
    return first


def near_lunar_new_year(day: date, *, before: int, after: int) -> bool:
    """Tell whether a day lies around a lunar new year: at most so many days before it or after it."""
    offset = (day - lunar_new_year(day.year)).days
    return -before <= offset <= after


def a_lunar_year_before(day: date) -> date:
    """Return the day of last year that lies as many days from its lunar new year as `day` does from its own."""
    return lunar_new_year(day.year - 1) + (day - lunar_new_year(day.year))


def _lunar(day: date) -> tuple[int, int]:
    found = LunarDate.from_solar_date(day.year, day.month, day.day)
    return found.month, found.day
