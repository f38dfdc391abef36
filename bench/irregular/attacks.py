"""Six published ways in which a curve is falsified, from one day on.

The factors 0.1 to 0.8 and the kinds `factor`, `daily`, `window`, `mean` and `turned` follow Jokar, Arianpoo and Leung
(IEEE Transactions on Smart Grid 7, 2016: h1, h3 drawn once a day, h2, h5, h6), `cap` follows Zheng and others (IEEE
Transactions on Industrial Informatics 15, 2019: FDI2), which asks only that the cap lies below the home's maximum.
"""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from gridhall.metering.irregular.curves import SLOTS, Floats

Attack = Callable[[Floats, Floats, np.random.Generator], Floats]
"""Takes the days to be falsified (by day and slot), all days of the home, and chance; returns what is sent instead."""

_FACTORS: Final = (0.1, 0.8)
_WINDOW_HOURS: Final = (4, 12)
_CAPS: Final = (0.1, 0.6)
"""Share of the home's highest slot. Above it, a cap cuts next to nothing."""


def factor(days: Floats, everything: Floats, chance: np.random.Generator) -> Floats:
    """One factor for all that follows."""
    del everything
    return days * chance.uniform(*_FACTORS)


def daily(days: Floats, everything: Floats, chance: np.random.Generator) -> Floats:
    """A factor that is drawn anew every day."""
    del everything
    return days * chance.uniform(*_FACTORS, (len(days), 1))


def window(days: Floats, everything: Floats, chance: np.random.Generator) -> Floats:
    """Nothing in the same 4 to 12 hours of every day."""
    del everything
    hours = int(chance.integers(_WINDOW_HOURS[0], _WINDOW_HOURS[1] + 1))
    first = int(chance.integers(0, SLOTS - 2 * hours + 1))
    sent = days.copy()
    sent[:, first : first + 2 * hours] = 0
    return sent


def mean(days: Floats, everything: Floats, chance: np.random.Generator) -> Floats:
    """The mean of the day in every slot: nothing is missing, but nothing is expensive."""
    del everything, chance
    return np.broadcast_to(days.mean(axis=1, keepdims=True), days.shape).copy()


def turned(days: Floats, everything: Floats, chance: np.random.Generator) -> Floats:
    """Each day backwards."""
    del everything, chance
    return days[:, ::-1].copy()


def cap(days: Floats, everything: Floats, chance: np.random.Generator) -> Floats:
    """What lies above a cap is cut."""
    return np.minimum(days, chance.uniform(*_CAPS) * everything.max())


ATTACKS: Final[Mapping[str, Attack]] = {
    "factor": factor,
    "daily": daily,
    "window": window,
    "mean": mean,
    "turned": turned,
    "cap": cap,
}
