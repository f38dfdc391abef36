"""Working days and holidays of China, and the lunar year, by packages that are kept.

The days off and the make-up working days are decided a year at a time. Of a year that the package does not know yet,
weekends are off and nothing else is.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import chinese_calendar
from lunardate import LunarDate

_ONE_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


@lru_cache(maxsize=4096)
def is_workday(day: date) -> bool:
    """Tell whether people work on a day: make-up working days count, statutory holidays do not."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < _SATURDAY


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
