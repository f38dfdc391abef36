"""An unnatural flatness: a day without morning and evening, as where the mean is sent in place of the value."""

import numpy as np

from gridhall.metering.irregular.curves import Curves
from gridhall.metering.irregular.shifts import falls
from gridhall.metering.irregular.signals.model import Measured

_RESOLUTION = 0.02
"""Variation below this is that of rounding."""

_SMALL = 1e-4
"""Share of the usual home's day below which a slot is next to nothing."""


def measure(curves: Curves) -> Measured:
    """Look for the day since which the slots of a day differ less from each other (coefficient of variation).

    numbers: before, after (percent of the mean slot).
    """
    mean, small = curves.energy.mean(axis=2), _SMALL * curves.usual
    variation = curves.energy.std(axis=2) / (mean + small)
    found = falls(np.log(variation + _RESOLUTION), curves.told & (mean > small))
    shown = {"before": 100 * (np.exp(found.before) - _RESOLUTION), "after": 100 * (np.exp(found.after) - _RESOLUTION)}
    return Measured(strength=found.strength, numbers=shown, since=found.since)
