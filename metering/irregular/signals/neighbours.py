"""A neighbour-group outlier: far less than similar homes, and not moving with them."""

import numpy as np

from gridhall.metering.irregular.curves import LEAST_NEIGHBOURS, Curves, Floats, logged, movement, own_mean
from gridhall.metering.irregular.signals.model import Measured
from gridhall.metering.irregular.signals.turned import alike


def measure(curves: Curves) -> Measured:
    """Compare the level of a home with the median of the homes judged with it, and its days with their movement.

    Strength is how many spreads (median absolute deviations of the logarithm) it lies below the median, and up to
    one more where it moves against its neighbours. It needs LEAST_NEIGHBOURS homes.
    numbers: own, others (kWh a day), percent (of the others), moves (percent: correlation with their movement).
    """
    level = np.where(curves.usable, logged(curves), np.nan)
    own = own_mean(level)
    judged = curves.usable.any(axis=1)
    nothing = np.full(curves.homes, np.nan)
    if judged.sum() < LEAST_NEIGHBOURS:
        return Measured(strength=nothing, numbers={}, since=np.full(curves.homes, -1))
    middle = float(np.median(own[judged]))
    spread = 1.4826 * float(np.median(np.abs(own[judged] - middle))) + 0.05
    moves = _moves(level, own, movement(curves))
    strength = np.where(judged, (middle - own) / spread + np.maximum(0.0, -moves), nothing)
    return Measured(
        strength=strength,
        numbers={
            "own": np.exp(own),
            "others": np.full(curves.homes, np.exp(middle)),
            "percent": 100 * np.exp(own - middle),
            "moves": 100 * moves,
        },
        since=np.full(curves.homes, -1),
    )


def _moves(level: Floats, own: Floats, moved: Floats) -> Floats:
    around = np.where(np.isfinite(level), level - own[:, None], 0.0)
    return alike(around, moved[None, :])
