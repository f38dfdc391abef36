"""Working days and days off, by the calendar of the country in which a point lies."""

from datetime import date
from functools import lru_cache
from typing import Final

import chinese_calendar
from lunardate import LunarDate

CHINA: Final = frozenset({"Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "PRC"})
"""Zones of the mainland: its statutory holidays, make-up working days and Spring Festival hold there."""

_SATURDAY: Final = 5
_FIXED: Final = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
_LUNAR: Final = frozenset({(1, 1), (1, 2), (1, 3), (5, 5), (8, 15)})
"""Spring Festival, Dragon Boat, Mid-Autumn. Source: the State Council's holiday rules as of 2025."""


@lru_cache(maxsize=8192)
def is_day_off(day: date, *, zone: str) -> bool:
    """Tell whether most people are at home on a local day: a weekend or a statutory holiday.

    In China a Saturday or Sunday may be a make-up working day. Which ones is announced each November for the next
    year; of a year that is not announced yet, weekends and the holidays that the rules name are off.
    """
    weekend = day.weekday() >= _SATURDAY
    if zone not in CHINA:
        return weekend
    try:
        return bool(chinese_calendar.is_holiday(day))
    except NotImplementedError:
        return weekend or (day.month, day.day) in _FIXED or _lunar(day) in _LUNAR


@lru_cache(maxsize=512)
def spring_festival(year: int) -> date:
    """Return the first day of the lunar year that begins in `year`, 1900 to 2099."""
    first: date = LunarDate(year, 1, 1).to_solar_date()
    return first


def _lunar(day: date) -> tuple[int, int]:
    found = LunarDate.from_solar_date(day.year, day.month, day.day)
    return (found.month, found.day)
