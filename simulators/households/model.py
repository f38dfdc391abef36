"""The households of the demo: who uses how much, for what, and when they are at home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from gridhall.simulators.households.weather import climate

_LEAST_KWH, _MOST_KWH = 2_000, 5_000
_KWH_ALONE, _KWH_A_PERSON = 1_600, 600
_ELECTRIC_CARS = 0.15
_HOME_BY_DAY = 0.4


@dataclass(frozen=True, slots=True)
class Household:
    """One generated household.

    number: from 1; `seed` and `number` fix everything about it.
    annual_kwh: what it uses in a year of usual weather, between 2,000 and 5,000.
    base, cooling, heating, car: shares of that energy; what is left is cooking, washing, light and screens.
    later_quarters: by how many quarter-hours its evenings are later than usual, negative for earlier.
    home_by_day: whether somebody is at home on working days.
    car_starts_at: quarter-hour of the night in which the timer starts the charger.
    opening_wh: what its register showed on the first day that is generated.
    bypassed, bypassed_since: the share of its use that goes past its meter, and the first day on which it does.
    """

    number: int
    region: str
    meter_no: str
    seed: int
    people: int
    annual_kwh: int
    base: float
    cooling: float
    heating: float
    car: float
    later_quarters: int
    home_by_day: bool
    car_starts_at: int
    opening_wh: int
    bypassed: float = 0.0
    bypassed_since: date = date.max

    @property
    def living(self) -> float:
        """The share of its energy that follows the household profile."""
        return 1 - self.base - self.cooling - self.heating - self.car


def households(count: int, regions: Sequence[str], seed: int) -> tuple[Household, ...]:
    """Draw `count` households, taking the regions in turn.

    The same number and seed give the same household whatever the count. Raises UnknownClimateError where a region
    has no weather here.
    """
    return tuple(_household(number, regions[(number - 1) % len(regions)], seed) for number in range(1, count + 1))


def _household(number: int, region: str, seed: int) -> Household:
    weather = climate(region)
    random = np.random.default_rng((seed, number))
    people = int(random.choice([1, 2, 3, 4, 5], p=[0.12, 0.26, 0.32, 0.2, 0.1]))
    usual = (_KWH_ALONE + _KWH_A_PERSON * people) * random.lognormal(0, 0.18)
    return Household(
        number=number,
        region=region,
        meter_no=f"{weather.meter_prefix}{number:08d}",
        seed=seed,
        people=people,
        annual_kwh=int(min(max(usual, _LEAST_KWH), _MOST_KWH)),
        base=float(random.uniform(0.12, 0.22)),
        cooling=float(random.uniform(*weather.cooling_share)),
        heating=float(random.uniform(*weather.heating_share)),
        car=float(random.uniform(0.2, 0.3)) if random.random() < _ELECTRIC_CARS else 0.0,
        later_quarters=int(random.integers(-3, 8)),
        home_by_day=bool(random.random() < _HOME_BY_DAY),
        car_starts_at=int(random.integers(0, 7)),
        opening_wh=int(random.integers(2_000_000, 18_000_000)),
    )
