"""Curves made by hand: homes with a refrigerator, a morning and an evening, and some chance."""

from uuid import UUID

import numpy as np

from gridhall.metering.irregular.curves import SLOTS, Curves, District, Floats

DAYS = 84


def some_homes(count: int = 40, *, days: int = DAYS, seed: int = 1) -> Floats:
    """Energy of homes by day and half hour, kWh to three decimals, some 8 kWh a day."""
    chance = np.random.default_rng(seed)
    hours = np.arange(SLOTS) / 2
    shape = 0.5 * np.exp(-((hours - 7.5) ** 2) / 2) + np.exp(-((hours - 19) ** 2) / 6)
    level = chance.lognormal(0, 0.4, (count, 1, 1))
    busy = chance.lognormal(0, 0.3, (count, days, SLOTS)) * shape * chance.lognormal(0, 0.15, (count, days, 1))
    base = 0.05 * chance.lognormal(0, 0.1, (count, days, SLOTS))
    return np.round(level * (0.4 * busy + base), 3)


def some_curves(energy: Floats, *, district: str | None = None, sum_meter: Floats | None = None) -> Curves:
    """Curves of these homes, all measured; with the sum meter of a district that feeds all of them, if given."""
    count, days, _ = energy.shape
    return Curves(
        points=tuple(UUID(int=index + 1) for index in range(count)),
        energy=energy,
        usable=np.ones((count, days), np.bool_),
        shaped=np.ones((count, days), np.bool_),
        district=np.full(count, -1 if sum_meter is None else 0, np.int64),
        districts=() if sum_meter is None else (District(district or "T001", sum_meter),),
        register_gap=np.full(count, np.nan),
    )
