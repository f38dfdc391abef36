"""Zero use at an active account: days of exactly nothing, after days that were used, and lasting until now."""

import numpy as np

from gridhall.metering.irregular.curves import Bools, Curves, Floats, Ints
from gridhall.metering.irregular.signals.model import Measured
from gridhall.metering.irregular.signals.zero_hours import NOTHING_KWH

LEAST_DAYS = 5
"""A power cut, or a family that switched off and went away for a weekend, is no suspicion."""

_IDLE = 0.03
"""Share of the usual home's day. A home that used less a day before was hardly lived in: its zero says little."""


def measure(curves: Curves) -> Measured:
    """Count the days of nothing at the end of the window, weighed by how unlikely an empty home explains them.

    An empty home goes on feeding its refrigerator and its meter; one that is switched off at the main switch was
    mostly switched off before. So the run of zero days is weighed down by the share of zero days before it, and by
    how little was used before it. numbers: days, before (kWh a day), zero_before (percent of the days before).
    """
    zero = curves.energy.max(axis=2) <= NOTHING_KWH
    days, since = _run_at_the_end(zero, curves.usable)
    earlier = curves.usable & (np.arange(curves.days) < since[:, None])
    known = np.maximum(earlier.sum(axis=1), 1)
    zero_before = (zero & earlier).sum(axis=1) / known
    before = (curves.daily * earlier).sum(axis=1) / known
    lived_in = np.minimum(before / (_IDLE * curves.usual), 1.0)
    strength = np.where(days >= LEAST_DAYS, np.sqrt(days) * (1 - zero_before) ** 4 * lived_in, 0.0)
    strength[(earlier.sum(axis=1) < LEAST_DAYS) & (days > 0)] = np.nan
    numbers: dict[str, Floats] = {"days": days, "before": before, "zero_before": 100 * zero_before}
    return Measured(strength=strength, numbers=numbers, since=since)


def _run_at_the_end(zero: Bools, usable: Bools) -> tuple[Floats, Ints]:
    """Return how many usable days of nothing there are at the end, and the index at which they begin."""
    used = usable & ~zero
    last_used = np.where(used.any(axis=1), zero.shape[1] - 1 - used[:, ::-1].argmax(axis=1), -1)
    since = last_used + 1
    after = np.arange(zero.shape[1]) >= since[:, None]
    return (usable & zero & after).sum(axis=1).astype(np.float64), since
