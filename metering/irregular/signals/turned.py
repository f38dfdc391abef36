"""A day turned round: evenings look like mornings, as where the slots are sent in reversed order."""

import numpy as np

from gridhall.metering.irregular.curves import Curves, Floats
from gridhall.metering.irregular.shifts import rises
from gridhall.metering.irregular.signals.model import Measured

EARLIER_DAYS = 21
"""Days at the beginning of the window from which a home's own shape is taken: three weeks of each weekday."""

_SMALL = 1e-9


def measure(curves: Curves) -> Measured:
    """Look for the day since which a day is more like the home's own earlier day read backwards than like that day.

    Correlation with the mean of the first EARLIER_DAYS, once as it is and once from midnight to midnight backwards.
    numbers: before, after (percent: correlation backwards less correlation forwards).
    """
    early = curves.told[:, :EARLIER_DAYS, None]
    shape = (curves.energy[:, :EARLIER_DAYS] * early).sum(axis=1) / np.maximum(early.sum(axis=1), 1)
    turned = alike(curves.energy, shape[:, None, ::-1]) - alike(curves.energy, shape[:, None])
    found = rises(turned, curves.told)
    return Measured(
        strength=found.strength,
        numbers={"before": 100 * found.before, "after": 100 * found.after},
        since=found.since,
    )


def alike(one: Floats, other: Floats) -> Floats:
    """Return the correlation over the last axis; 0 where one of the two is constant."""
    one, other = one - one.mean(axis=-1, keepdims=True), other - other.mean(axis=-1, keepdims=True)
    size = np.sqrt((one * one).sum(axis=-1) * (other * other).sum(axis=-1))
    return np.asarray((one * other).sum(axis=-1) / np.maximum(size, _SMALL))
