"""A cut above a cap: the highest value comes back again and again, as no home's highest value does."""

import numpy as np

from gridhall.metering.irregular.curves import Curves
from gridhall.metering.irregular.signals.model import Measured

_LAST_DAYS = (14, 21, 28, 42, 56)
_AT_THE_TOP = 0.995
"""Two slots of half an hour seldom agree to half a percent by chance, least of all the highest ones."""


def measure(curves: Curves) -> Measured:
    """Count the slots at the top of the last weeks; of several spans the one with the most for its length.

    numbers: slots (at the top), days (the span), kw (the cap), highest_before (kW, before the span).
    """
    top = np.where(curves.told, curves.energy.max(axis=2), 0.0)
    best = np.full(curves.homes, np.nan)
    numbers = {name: np.full(curves.homes, np.nan) for name in ("slots", "days", "kw", "highest_before")}
    since = np.full(curves.homes, -1)
    for span in [one for one in _LAST_DAYS if one < curves.days]:
        highest = top[:, -span:].max(axis=1)
        recent, usable = curves.energy[:, -span:], curves.told[:, -span:, None]
        slots = ((recent >= _AT_THE_TOP * highest[:, None, None]) & usable).sum(axis=(1, 2)).astype(np.float64)
        strength = slots / np.sqrt(span)
        better = (highest > 0) & ~(strength <= best)
        best[better] = strength[better]
        since[better] = curves.days - span
        found = {"slots": slots, "days": np.full(curves.homes, float(span))}
        found |= {"kw": 2 * highest, "highest_before": 2 * top[:, :-span].max(axis=1)}
        for name, values in found.items():
            numbers[name][better] = values[better]
    return Measured(strength=best, numbers=numbers, since=since)
