"""The day since which something is different, and how sure that is. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from gridhall.metering.irregular.curves import Bools, Floats, Ints

LEAST_DAYS: Final = 10
"""A change has to last this many usable days, and as many have to lie before it."""

_NOISE: Final = 1e-3
"""Variance that every feature is taken to have, so that a home as regular as a clock is not suspected of nothing."""


@dataclass(frozen=True, slots=True)
class Shifts:
    """The likeliest change of one feature at every home.

    strength: difference of the two means in standard errors (Welch's t of the best split), above 0 where the feature
    rose; NaN where too few days are usable. since: index of the first day after the change. before, after: the means.
    """

    strength: Floats
    since: Ints
    before: Floats
    after: Floats


def rises(feature: Floats, usable: Bools) -> Shifts:
    """Return the rise that stands out most, trying every day as the day of the change.

    feature: by home and day; days that are not usable count on neither side.
    """
    counted = usable & np.isfinite(feature)
    value = np.where(counted, feature, 0.0)
    n_before, before, spread_before = _up_to(value, counted)
    n_all, total, squares = n_before[:, -1:], before[:, -1:], spread_before[:, -1:]
    n_after = n_all - n_before
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_before, mean_after = before / n_before, (total - before) / n_after
        left = spread_before - n_before * mean_before**2
        right = squares - spread_before - n_after * mean_after**2
        variance = np.maximum(left + right, 0.0) / n_all + _NOISE
        t = (mean_after - mean_before) * np.sqrt(n_before * n_after / n_all / variance)
    t[(n_before < LEAST_DAYS) | (n_after < LEAST_DAYS)] = -np.inf
    row, best = np.arange(len(t)), t.argmax(axis=1)
    strength = t[row, best]
    told = np.isfinite(strength)
    return Shifts(
        strength=np.where(told, strength, np.nan),
        since=best + 1,
        before=np.where(told, mean_before[row, best], np.nan),
        after=np.where(told, mean_after[row, best], np.nan),
    )


def falls(feature: Floats, usable: Bools) -> Shifts:
    """Return the fall that stands out most."""
    found = rises(-feature, usable)
    return Shifts(strength=found.strength, since=found.since, before=-found.before, after=-found.after)


def _up_to(value: Floats, counted: Bools) -> tuple[Floats, Floats, Floats]:
    """Return count, sum and sum of squares of the days up to and with each day."""
    return counted.cumsum(axis=1).astype(np.float64), value.cumsum(axis=1), (value * value).cumsum(axis=1)
