"""From what the signals measured to one score a home that says of what it is made. Pure.

A strength means nothing by itself, so it is laid beside those of the other homes of its class in the region: how many
spreads it lies above the middle, in logarithm because the second ten of them say less than the first. Each signal adds
its weight times that; the sum, through the logistic function, is the score. So the score is a sum of contributions
that can be shown, and scaling every home alike changes none of it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from gridhall.metering.irregular.curves import Curves, Floats
from gridhall.metering.irregular.signals.model import Measured
from gridhall.metering.irregular.signals.registry import CODES, SIGNALS

MOST_SPREADS: Final = 50.0
"""Beyond this a strength says no more."""

LEAST_SPREAD: Final = 1.0
"""A strength counts standard errors, or nearly so: less than one of them is chance, however alike the homes are."""

LEAST_HOMES: Final = 30
"""Fewer homes than this are too few to say alone what is usual: they are held against MANY_HOMES, too."""


@dataclass(frozen=True, slots=True)
class Norm:
    """How strong a signal is at the homes of a class in a region. middle: median. spread: above it."""

    middle: float
    spread: float


@dataclass(frozen=True, slots=True)
class Weights:
    """What each signal adds, and what the sum begins with. Fitted by `python -m bench.irregular --fit`."""

    begin: float
    of: Mapping[str, float]


WEIGHTS: Final = Weights(
    begin=-5.97,
    of=MappingProxyType(
        {
            "step": 1.09,
            "zero_hours": 0.83,
            "district_loss": 1.56,
            "flat": 0.1,
            "cap": 2.78,
            "scaling": 1.26,
            "turned": 1.16,
            "swings": 0.11,
            "night": 0.51,
            "neighbours": 0.1,
            "register_gap": 2.5,
            "zero_days": 2.5,
        }
    ),
)

MANY_HOMES: Final = MappingProxyType(
    {
        "step": Norm(1.61, 2.41),
        "zero_hours": Norm(0.0, 1.0),
        "district_loss": Norm(0.0, 2.14),
        "flat": Norm(1.69, 1.62),
        "cap": Norm(0.27, 1.0),
        "scaling": Norm(1.27, 1.0),
        "turned": Norm(5.56, 2.51),
        "swings": Norm(1.53, 1.08),
        "night": Norm(1.89, 1.23),
        "neighbours": Norm(0.02, 1.0),
    }
)
"""Norms of the first half of the real households (`python -m bench.irregular --fit`); those of the other half differ
by a quarter of a spread at most."""

_NORMS_WITHOUT_POPULATION: Final = {"zero_days": Norm(0.0, 0.5), "register_gap": Norm(0.0, 1.0)}
"""Of most homes these are exactly 0, so their spread says nothing; these are in units of what is tolerated."""


def measured(curves: Curves) -> dict[str, Measured]:
    """Let every signal look at the curves."""
    return {signal.code: signal.measure(curves) for signal in SIGNALS}


def norms_of(strengths: Mapping[str, Floats]) -> dict[str, Norm]:
    """Return the norm of each signal over homes of one class; of a signal that none of them has there is none.

    spread: the larger of the median absolute deviation and the distance of the third quartile from the median, so
    that neither a lopsided signal nor a tenth of irregular homes makes the rest look strange. Where fewer than
    LEAST_HOMES have a signal, the higher middle and the wider spread of theirs and of MANY_HOMES hold: a home of a
    small region is suspected only of what is unusual both there and among many.
    """
    norms: dict[str, Norm] = dict(_NORMS_WITHOUT_POPULATION)
    for code, strength in strengths.items():
        known = strength[np.isfinite(strength)]
        if code not in norms and len(known):
            middle = float(np.median(known))
            deviation = 1.4826 * float(np.median(np.abs(known - middle)))
            above = float(np.percentile(known, 75)) - middle
            own, many = Norm(middle, max(deviation, above, LEAST_SPREAD)), MANY_HOMES[code]
            few = len(known) < LEAST_HOMES
            norms[code] = Norm(max(own.middle, many.middle), max(own.spread, many.spread)) if few else own
    return norms


def contributions(
    strengths: Mapping[str, Floats], *, norms: Mapping[str, Norm], weights: Weights = WEIGHTS
) -> dict[str, Floats]:
    """Return what each signal adds to the score of each home: 0 where it has no norm or nothing to say."""
    return {code: weights.of[code] * unusual(strengths[code], norms.get(code)) for code in CODES}


def unusual(strength: Floats, norm: Norm | None) -> Floats:
    """Return how unusual strengths are: the logarithm of 1 + spreads above the middle, 0 below it."""
    if norm is None:
        return np.zeros(len(strength))
    spreads = (np.nan_to_num(strength, nan=norm.middle) - norm.middle) / norm.spread
    return np.log1p(np.clip(spreads, 0.0, MOST_SPREADS))


def score(added: Mapping[str, float], *, weights: Weights = WEIGHTS, without: Collection[str] = ()) -> float:
    """Return the score, 0 to 1, of one home's contributions; those of `without` are left out."""
    total = weights.begin + sum(value for code, value in added.items() if code not in without)
    return float(1 / (1 + np.exp(-total)))
