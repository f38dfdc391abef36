"""Days that are scaled as a whole: base load and peak go up and down together, as by a factor that is drawn a day."""

import numpy as np

from gridhall.metering.irregular.curves import Bools, Curves, Floats
from gridhall.metering.irregular.shifts import rises
from gridhall.metering.irregular.signals.model import Measured

_PARTS = (15, 50, 85)
"""Percentiles of a day: what always runs, the middle, the busy hours."""

_SMALL = 3e-4
"""Share of the usual home's day below which a slot is next to nothing."""


def measure(curves: Curves) -> Measured:
    """Look for the day since which all parts of a day change by the same factor from one day to the next.

    People change their evenings; what always runs does not change with them. The least of the changes of the parts
    counts, where all have the same direction. numbers: before, after (percent from one day to the next).
    """
    change = np.diff(np.log(np.percentile(curves.energy, _PARTS, axis=2) + _SMALL * curves.usual), axis=2)
    together = np.abs(np.sign(change).sum(axis=0)) == len(_PARTS)
    common = np.where(together, np.abs(change).min(axis=0), 0.0)
    found = rises(first_day_aside(common), pairs(curves.told))
    shown = {"before": 100 * np.expm1(found.before), "after": 100 * np.expm1(found.after)}
    return Measured(strength=found.strength, numbers=shown, since=found.since)


def first_day_aside(change: Floats) -> Floats:
    """Return changes from one day to the next, by the later day; the first day has none."""
    return np.pad(change, ((0, 0), (1, 0)))


def pairs(usable: Bools) -> Bools:
    """Return which days are usable together with the day before."""
    both = np.zeros_like(usable)
    both[:, 1:] = usable[:, 1:] & usable[:, :-1]
    return both
