"""The curves that are judged together: homes of one region over one window of days, as arrays."""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SLOT_MINUTES: Final = 30
SLOTS: Final = 48
"""Slots of a day: what is finer is joined, an hour is halved. A day of 23 or 25 hours is left out."""

NO_DISTRICT: Final = -1
LEAST_NEIGHBOURS: Final = 10
"""The movement of fewer homes than this is chance."""

IDLE: Final = 0.005
"""Share of the usual home's day that is added before a logarithm is taken: a home that uses less is all but idle."""

_LEAST_KWH: Final = 1e-6


@dataclass(frozen=True, slots=True)
class District:
    """What flowed through a transformer. code: of the district. sum_meter: kWh by day and slot, NaN where missing."""

    code: str
    sum_meter: Floats


@dataclass(frozen=True, slots=True)
class Curves:
    """Homes of one class, a row each.

    energy: kWh by home, day and slot, complete: a slot that was missing has the median of that slot over the home's
    own days, 0 where there is none; a day of which only the energy is known has it spread evenly.
    usable: by home and day, whether the day was measured well enough to say anything. shaped: likewise, whether it is
    known when in the day the energy flowed.
    district: by home, the index into `districts` of the transformer that feeds it, NO_DISTRICT where not known.
    register_gap: by home, what the registers counted over the window beyond the sum of the intervals, as a share of
    the registers; NaN where it cannot be told. multiplier 1 is assumed of nothing: all is energy of the point.
    """

    points: tuple[UUID, ...]
    energy: Floats
    usable: Bools
    shaped: Bools
    district: Ints
    districts: tuple[District, ...] = ()
    register_gap: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def homes(self) -> int:
        """How many homes there are."""
        return len(self.energy)

    @property
    def days(self) -> int:
        """How many days the window has."""
        return int(self.energy.shape[1])

    @property
    def told(self) -> Bools:
        """By home and day, whether the day is usable and its shape is known."""
        return np.asarray(self.usable & self.shaped)

    @property
    def daily(self) -> Floats:
        """Energy by home and day, kWh."""
        return np.asarray(self.energy.sum(axis=2))

    @property
    def usual(self) -> float:
        """Energy of a day of the middle home, kWh: small and large are told by it, so that no size is built in."""
        known = self.daily.mean(axis=1)[self.usable.any(axis=1)]
        return max(float(np.median(known)), _LEAST_KWH) if known.size else _LEAST_KWH


def logged(curves: Curves) -> Floats:
    """Return the days as logarithms, so that what counts is the ratio and not the size of a home."""
    return np.log(curves.daily + IDLE * curves.usual)


def movement(curves: Curves) -> Floats:
    """Return by day how the homes as a whole moved (weather, holidays, season), as a logarithm around 0.

    The median over the homes, so that a tenth of them being irregular hardly shows. Of fewer than LEAST_NEIGHBOURS
    homes nothing is said: 0.
    """
    if curves.homes < LEAST_NEIGHBOURS:
        return np.zeros(curves.days)
    level = np.where(curves.usable, logged(curves), np.nan)
    around = level - own_mean(level)[:, None]
    enough = np.isfinite(around).sum(axis=0) >= LEAST_NEIGHBOURS
    moved = np.zeros(curves.days)
    moved[enough] = np.nanmedian(around[:, enough], axis=0)
    return moved


def own_mean(values: Floats) -> Floats:
    """Return the mean over the days of each home that are not NaN; 0 where all are."""
    present = np.isfinite(values)
    total = np.where(present, values, 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(present.sum(axis=1), 1))
