"""Night-only use: what is left of a home's use moved into the hours in which nobody looks at a meter."""

import numpy as np

from gridhall.metering.irregular.curves import IDLE, SLOT_MINUTES, Curves
from gridhall.metering.irregular.shifts import rises
from gridhall.metering.irregular.signals.model import Measured

NIGHT_UNTIL_HOUR = 6


def measure(curves: Curves) -> Measured:
    """Look for the day since which more of a day's energy falls between midnight and six.

    numbers: before, after (percent of the day's energy).
    """
    night = curves.energy[:, :, : NIGHT_UNTIL_HOUR * 60 // SLOT_MINUTES].sum(axis=2)
    found = rises(night / (curves.daily + IDLE * curves.usual), curves.told)
    shown = {"before": 100 * np.asarray(found.before), "after": 100 * np.asarray(found.after)}
    return Measured(strength=found.strength, numbers=shown, since=found.since)
