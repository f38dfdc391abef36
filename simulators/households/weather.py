"""Weather enough to move an air conditioner: a daily mean temperature, the same for all of a region.

It is a function of the day alone (a yearly wave and a few slow ones whose periods share no beat), so any range of
days can be asked, and heat comes in waves as it does in life. The figures are rounded normals, not a forecast.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_YEAR_DAYS = 365.25
_WAVE_DAYS = np.array([5.3, 9.1, 17.7, 31.9])
_WAVE_DEGREES = np.array([1.2, 1.6, 1.6, 1.2])
_COOL_ABOVE, _HEAT_BELOW = 24.0, 10.0
_USUAL_YEARS = (date(2024, 1, 1).toordinal(), date(2028, 1, 1).toordinal())


@dataclass(frozen=True, slots=True)
class Climate:
    """A region's weather and what it does to bills.

    mean, swing: yearly mean and the distance of the warmest week from it, in degrees Celsius.
    hottest: day of the year. cooling_share, heating_share: least and most share of a household's yearly energy.
    """

    mean: float
    swing: float
    hottest: int
    phase: float
    cooling_share: tuple[float, float]
    heating_share: tuple[float, float]
    meter_prefix: str


_CLIMATES = {
    "zhejiang": Climate(17.5, 11.5, 207, 0.0, (0.14, 0.28), (0.03, 0.10), "3301"),
    "shaanxi": Climate(14.5, 13.5, 203, 1.9, (0.06, 0.14), (0.14, 0.30), "6101"),
}


def climate(region: str) -> Climate:
    """Return the climate of a region. Raises UnknownClimateError."""
    try:
        return _CLIMATES[region]
    except KeyError:
        raise UnknownClimateError(region) from None


def temperatures(region: str, days: NDArray[np.int64]) -> Floats:
    """Return the mean temperature, in degrees Celsius, of days given as proleptic ordinals."""
    here = climate(region)
    year = here.swing * np.cos(2 * np.pi * (days - date(2024, 1, 1).toordinal() - here.hottest) / _YEAR_DAYS)
    waves = np.sin(2 * np.pi * days[:, None] / _WAVE_DAYS + here.phase * np.arange(1, _WAVE_DAYS.size + 1))
    return np.asarray(here.mean + year + waves @ _WAVE_DEGREES, dtype=np.float64)


def cooling_days(region: str, days: NDArray[np.int64]) -> Floats:
    """Return how much cooling each day asks for, where a usual day of the year asks for 1."""
    return np.maximum(temperatures(region, days) - _COOL_ABOVE, 0) / _usual(region)[0]


def heating_days(region: str, days: NDArray[np.int64]) -> Floats:
    """Return how much heating each day asks for, where a usual day of the year asks for 1."""
    return np.maximum(_HEAT_BELOW - temperatures(region, days), 0) / _usual(region)[1]


@lru_cache(maxsize=8)
def _usual(region: str) -> tuple[float, float]:
    found = temperatures(region, np.arange(*_USUAL_YEARS))
    return float(np.maximum(found - _COOL_ABOVE, 0).mean()), float(np.maximum(_HEAT_BELOW - found, 0).mean())


class UnknownClimateError(LookupError):
    """No weather is generated for this region."""

    def __init__(self, region: str) -> None:
        super().__init__(f"region {region!r} has no climate here; there are {', '.join(sorted(_CLIMATES))}")
