"""Use that swings: days that jump up and down more than this home's days used to."""

import numpy as np

from gridhall.metering.irregular.curves import Curves, logged
from gridhall.metering.irregular.shifts import rises
from gridhall.metering.irregular.signals.model import Measured
from gridhall.metering.irregular.signals.scaling import first_day_aside, pairs


def measure(curves: Curves) -> Measured:
    """Look for the day since which a day differs more from the day before.

    numbers: before, after (percent from one day to the next).
    """
    change = np.abs(np.diff(logged(curves), axis=1))
    found = rises(first_day_aside(change), pairs(curves.usable))
    shown = {"before": 100 * np.expm1(found.before), "after": 100 * np.expm1(found.after)}
    return Measured(strength=found.strength, numbers=shown, since=found.since)
