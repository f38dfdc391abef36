"""Hours that are not counted: slots of exactly nothing in days that otherwise are used."""

import numpy as np

from gridhall.metering.irregular.curves import SLOT_MINUTES, Curves
from gridhall.metering.irregular.shifts import rises
from gridhall.metering.irregular.signals.model import Measured

NOTHING_KWH = 0.0005
"""Half of the last digit of a meter that counts watt-hours."""


def measure(curves: Curves) -> Measured:
    """Look for the day since which more slots of a used day are zero: a refrigerator and a router never are.

    numbers: before, after (hours a day).
    """
    zero = (curves.energy <= NOTHING_KWH).mean(axis=2)
    found = rises(zero, curves.told & (zero < 1))
    hours = SLOT_MINUTES / 60 * curves.energy.shape[2]
    return Measured(
        strength=found.strength,
        numbers={"before": hours * found.before, "after": hours * found.after},
        since=np.asarray(found.since),
    )
