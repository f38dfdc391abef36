"""Days off: when most people are at home, by the calendar of the country in which a point lies."""

from datetime import date
from typing import Final

from gridhall.kit.workdays import is_workday

CHINA: Final = frozenset({"Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "PRC"})
"""Zones of the mainland: its statutory holidays, make-up working days and Spring Festival hold there."""

_SATURDAY: Final = 5


def is_day_off(day: date, *, zone: str) -> bool:
    """Tell whether a local day is a weekend or, in China, a statutory holiday and no make-up working day."""
    return not is_workday(day) if zone in CHINA else day.weekday() >= _SATURDAY
