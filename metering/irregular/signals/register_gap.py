"""Registers against intervals: the counter of the meter went further than the curve that it sent."""

import numpy as np

from gridhall.metering.irregular.curves import Curves
from gridhall.metering.irregular.signals.model import Measured

TOLERATED = 0.01
"""Of the registers: what rounding and the first and last minutes may make."""


def measure(curves: Curves) -> Measured:
    """Take the difference as it is, in either direction, beyond what is tolerated.

    numbers: percent (registers beyond intervals, below 0 where the intervals are more).
    """
    gap = curves.register_gap if curves.register_gap.size else np.full(curves.homes, np.nan)
    strength = np.where(np.isnan(gap), np.nan, np.maximum(0.0, np.abs(gap) - TOLERATED) / TOLERATED)
    return Measured(strength=strength, numbers={"percent": 100 * gap}, since=np.full(curves.homes, -1))
