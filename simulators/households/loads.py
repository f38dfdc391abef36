"""A month of quarter-hours of one household.

Random numbers are drawn a household and month, so a day does not depend on the range in which it was asked.
"""

from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gridhall.kit.localdays import Month
from gridhall.simulators.households.model import Household
from gridhall.simulators.households.shapes import QUARTERS, away, kind_of, profile
from gridhall.simulators.households.weather import Floats, cooling_days, heating_days

FIRST_DAY = date(2024, 1, 1)
"""Nothing is generated before; registers count from here."""

_YEAR_DAYS = 365
_MOST_WH = 2_500
_SWITCHED = 0.45
_SWITCHED_TIMES = 9
_CAR_NIGHTS = 0.4
_CAR_WH = 1_750
_LEFT_ON = 0.02


@lru_cache(maxsize=64)
def month_wh(household: Household, month: Month) -> NDArray[np.int64]:
    """Return the energy of a month as [day, quarter-hour of the clock] in Wh."""
    days = tuple(month.days)
    numbers = np.array([day.toordinal() for day in days])
    random = np.random.default_rng((household.seed, household.number, month.year, month.number))
    daily = household.annual_kwh * 1000 / _YEAR_DAYS
    cooling = household.cooling * cooling_days(household.region, numbers)
    heating = household.heating * heating_days(household.region, numbers)
    presence = _presence(household.home_by_day)
    active = (
        _living(household, days, random) * household.living
        + _uneven(random, len(days)) * presence * cooling[:, None]
        + _uneven(random, len(days)) * presence * heating[:, None]
        + _car(household, len(days), random) / daily
    )
    absent = away(household, month.year)
    active[[day in absent for day in days]] *= _LEFT_ON
    base = household.base / QUARTERS * random.uniform(0.8, 1.2, (len(days), QUARTERS))
    return np.rint(np.minimum((active + base) * daily, _MOST_WH)).astype(np.int64)


def _living(household: Household, days: tuple[date, ...], random: np.random.Generator) -> Floats:
    """Return cooking, washing, light and screens: a smooth part, and appliances that are on or off."""
    table = np.roll(profile(), household.later_quarters, axis=2)
    shape = np.array([table[day.month - 1, kind_of(day)] for day in days])
    busy = random.lognormal(-0.01, 0.15, (len(days), 1))
    smooth = (1 - _SWITCHED) * shape * _uneven(random, len(days))
    on = random.random(shape.shape) < shape * _SWITCHED_TIMES
    switched = on * random.lognormal(-0.125, 0.5, shape.shape) * _SWITCHED / _SWITCHED_TIMES
    return np.asarray(busy * (smooth + switched), dtype=np.float64)


def _car(household: Household, days: int, random: np.random.Generator) -> Floats:
    """Return what the charger draws at night, in Wh: some nights, at full power, until the car has what it needs."""
    usual = household.car * household.annual_kwh * 1000 / _YEAR_DAYS / _CAR_NIGHTS
    needs = usual * random.uniform(0.6, 1.4, days) * (random.random(days) < _CAR_NIGHTS)
    since = np.arange(QUARTERS) - household.car_starts_at
    return np.asarray(np.clip(needs[:, None] - since * _CAR_WH, 0, _CAR_WH) * (since >= 0), dtype=np.float64)


def _uneven(random: np.random.Generator, days: int) -> Floats:
    return random.lognormal(-0.03, 0.25, (days, QUARTERS))


@lru_cache(maxsize=2)
def _presence(home_by_day: bool) -> Floats:  # noqa: FBT001 - the whole question is yes or no
    """Return when rooms are cooled or heated: nights a little, evenings much, the day where somebody is at home."""
    hours = np.arange(QUARTERS) / 4
    weight = np.where(hours < 6, 0.5, 0.2)  # noqa: PLR2004 - hours of the clock read best as they are
    weight = np.where((hours >= 11) & (hours < 17), 0.8 if home_by_day else 0.1, weight)  # noqa: PLR2004 - likewise
    weight = np.where(hours >= 18, 1.0, weight)  # noqa: PLR2004 - likewise
    return np.asarray(weight / weight.sum(), dtype=np.float64)
