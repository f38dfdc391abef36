"""A step down that stays: less than before, more than the neighbours went down, and for good."""

import numpy as np

from gridhall.metering.irregular.curves import Curves, logged, movement
from gridhall.metering.irregular.shifts import falls
from gridhall.metering.irregular.signals.model import Measured


def measure(curves: Curves) -> Measured:
    """Look for the day since which a home uses less, by the logarithm of its days less the neighbours' movement.

    numbers: before, after (kWh a day, at the neighbours' level of the whole window), percent (fall).
    A constant factor, a factor a day, an hour that is not counted and a low cap all leave it.
    """
    found = falls(logged(curves) - movement(curves), curves.usable)
    before, after = np.exp(found.before), np.exp(found.after)
    return Measured(
        strength=found.strength,
        numbers={"before": before, "after": after, "percent": 100 * (1 - after / before)},
        since=found.since,
    )
