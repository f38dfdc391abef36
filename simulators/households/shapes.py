"""The shape of a day: the published BDEW household profile (H25) by month and kind of day, and who is away when."""

import warnings
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
from demandlib.bdew import H25  # type: ignore[import-untyped]

from gridhall.simulators.households.model import Household
from gridhall.simulators.households.weather import Floats

QUARTERS = 96
WORKDAY, SATURDAY, HOLIDAY = range(3)
_SATURDAY_NUMBER, _SUNDAY_NUMBER = 5, 6

_SPRING_FESTIVALS = {
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
    2029: date(2029, 2, 13),
    2030: date(2030, 2, 3),
}
"""First days of the lunar year; other years have no festival here."""


@lru_cache(maxsize=1)
def profile() -> Floats:
    """Return the H25 profile as [month - 1, kind of day, quarter], each day summing to 1."""
    year = pd.date_range("2025-01-01", "2025-12-31 23:45", freq="15min")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # demandlib 0.2 speaks pandas 2
        days = np.asarray(H25(year), dtype=np.float64).reshape(-1, QUARTERS)
    table = np.empty((12, 3, QUARTERS))
    for number, shape in enumerate(days):
        day = date(2025, 1, 1) + timedelta(days=number)
        kind = {_SATURDAY_NUMBER: SATURDAY, _SUNDAY_NUMBER: HOLIDAY}.get(day.weekday(), WORKDAY)
        table[day.month - 1, kind] = shape / shape.sum()
    return table


def kind_of(day: date) -> int:
    """Return which shape a day has; the longer public holidays are like Sundays, make-up working days are not kept."""
    festival = _SPRING_FESTIVALS.get(day.year)
    if festival and -1 <= (day - festival).days <= _SUNDAY_NUMBER:
        return HOLIDAY
    if (day.month, day.day) == (1, 1) or (day.month in {5, 10} and day.day <= (3 if day.month == 5 else 7)):  # noqa: PLR2004 - 1 to 3 May, 1 to 7 October
        return HOLIDAY
    return {_SATURDAY_NUMBER: SATURDAY, _SUNDAY_NUMBER: HOLIDAY}.get(day.weekday(), WORKDAY)


@lru_cache(maxsize=4096)
def away(household: Household, year: int) -> frozenset[date]:
    """Return the days of a year on which nobody is at home: a journey home, a summer trip, the October week."""
    random = np.random.default_rng((household.seed, household.number, year))
    trips = (
        (0.35, _SPRING_FESTIVALS.get(year), int(random.integers(-3, 1)), int(random.integers(5, 12))),
        (0.45, date(year, 7, 5), int(random.integers(0, 45)), int(random.integers(4, 10))),
        (0.30, date(year, 10, 1), 0, int(random.integers(3, 8))),
    )
    return frozenset(
        around + timedelta(days=offset + number)
        for likely, around, offset, length in trips
        if random.random() < likely and around
        for number in range(length)
    )
