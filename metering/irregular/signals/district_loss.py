"""The loss of a transformer district (台区线损): the members whose curves look like what is missing.

Sum meter less members is the loss. What the lines and the transformer always lose is a share of what flows; the rest
is explained by the members, each in two ways: it counts only a part of what it uses (then the missing energy has the
shape of its own present curve), or it does not count certain hours (then it has the shape of what it used in these
hours before). Both from the day on which the member's own use went down. The explanation that fits best, slot by slot,
is taken first, then the next one beside it, as long as one stands out; so a loss is laid at few doors and not at all.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from gridhall.metering.irregular.curves import Bools, Curves, District, Floats, Ints, logged, movement
from gridhall.metering.irregular.shifts import falls
from gridhall.metering.irregular.signals.model import Measured

LEAST_DAYS: Final = 20
LEAST_COVERED: Final = 0.95
"""A day on which fewer of the members were measured says nothing about who causes the loss."""

USUAL_LOSS: Final = 20
"""Percentile of the days' loss that is taken for technical: the days before anything was wrong."""

STANDS_OUT: Final = 5.0
"""Standard errors that an explanation needs to be taken."""

MOST_EXPLANATIONS: Final = 8
_ROUNDS: Final = 200
_SETTLED: Final = 1e-6
_OWN_SHARE: Final = 1e-3
"""An explanation of which less than this is not said by those taken before is left alone."""

_SMALL: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Explained:
    """By member: how sure, how much (kWh a day), and which percent of its true use was then counted.

    excess: loss of the district beyond the technical one, kWh a day.
    """

    strength: Floats
    missing: Floats
    counted: Floats
    excess: float


def measure(curves: Curves) -> Measured:
    """Explain the loss of each district by its members.

    Strength is how many standard errors its part lies above none. NaN where there is no sum meter or too
    few complete days. numbers: missing (kWh a day), percent (of the district's loss beyond the technical one),
    counted (percent of the member's true use that its meter would then have counted).
    """
    nan = np.full(curves.homes, np.nan)
    numbers = {"missing": nan.copy(), "percent": nan.copy(), "counted": nan.copy()}
    strength = nan.copy()
    own = falls(logged(curves) - movement(curves), curves.usable)
    since = np.where(np.isnan(own.strength), 0, own.since)
    for index, district in enumerate(curves.districts):
        members = np.flatnonzero(curves.district == index)
        days = _complete(curves, members, district)
        if days.sum() >= LEAST_DAYS and len(members) > 1:
            found = _explain(curves.energy[members], district.sum_meter, since[members], days)
            strength[members] = found.strength
            numbers["missing"][members], numbers["counted"][members] = found.missing, found.counted
            numbers["percent"][members] = 100 * found.missing / found.excess if found.excess > 0 else 0.0
    return Measured(strength=strength, numbers=numbers, since=np.where(np.isnan(strength), -1, since))


def _complete(curves: Curves, members: Ints, district: District) -> Bools:
    measured = np.isfinite(district.sum_meter).all(axis=1) & (district.sum_meter > 0).all(axis=1)
    covered = curves.told[members].mean(axis=0) if len(members) else np.zeros(curves.days)
    return np.asarray(measured & (covered >= LEAST_COVERED))


def _explain(energy: Floats, flowed: Floats, since: Ints, days: Bools) -> Explained:
    on = (np.arange(energy.shape[1]) >= since[:, None])[:, :, None]
    before = (energy * ~on).sum(axis=1) / np.maximum((~on).sum(axis=1), 1)
    after = (energy * on).sum(axis=1) / np.maximum(on.sum(axis=1), 1)
    hours = np.maximum(before - after, 0.0)[:, None, :] * on
    parts = np.concatenate([energy * on, hours])[:, days]
    flowed = flowed[days]
    loss = flowed - energy.sum(axis=0)[days]
    usual = np.percentile(loss.sum(axis=1) / flowed.sum(axis=1), USUAL_LOSS)
    excess = loss - usual * flowed
    # The loss is as uncertain as it is large: each slot is weighed by what flowed in it.
    shares, errors = _fit((parts / flowed).reshape(len(parts), -1), (excess / flowed).ravel())
    totals = parts.sum(axis=(1, 2))
    missing = (shares * totals).reshape(2, -1).sum(axis=0)
    true = totals[: len(energy)] + missing
    return Explained(
        strength=errors.reshape(2, -1).max(axis=0),
        missing=missing / len(flowed),
        counted=100 * (1 - missing / np.maximum(true, _SMALL)),
        excess=float(excess.sum(axis=1).mean()),
    )


def _fit(columns: Floats, wanted: Floats) -> tuple[Floats, Floats]:
    """Return how much of each column explains what is wanted, and how many standard errors that is above none.

    Those that were not taken have no share; how sure they are is told of what the taken ones leave over.
    """
    gram, right = columns @ columns.T, columns @ wanted
    size, shares = np.diag(gram), np.zeros(len(columns))
    taken: list[int] = []
    while True:
        left = float(wanted @ wanted - 2 * shares @ right + shares @ gram @ shares)
        noise = np.sqrt(max(left, _SMALL) / len(wanted))
        own = np.maximum(size - _told_by(gram, taken), _OWN_SHARE * size + _SMALL)
        errors = np.maximum((right - gram @ shares) / np.sqrt(own) / noise, 0.0)
        errors[taken] = 0.0
        best = int(errors.argmax())
        if errors[best] < STANDS_OUT or len(taken) == MOST_EXPLANATIONS:
            break
        taken.append(best)
        shares[taken] = _least_squares(gram[np.ix_(taken, taken)], right[taken])
    if taken:
        spread = np.linalg.inv(gram[np.ix_(taken, taken)] + _SMALL * np.eye(len(taken)))
        errors[taken] = shares[taken] / (noise * np.sqrt(np.diag(spread)))
    return shares, errors


def _told_by(gram: Floats, taken: list[int]) -> Floats:
    """Return how much of each column the taken ones say already."""
    if not taken:
        return np.zeros(len(gram))
    among = gram[np.ix_(taken, taken)] + _SMALL * np.eye(len(taken))
    return np.asarray((gram[taken] * np.linalg.solve(among, gram[taken])).sum(axis=0))


def _least_squares(gram: Floats, right: Floats) -> Floats:
    """Return the shares, none below 0, that explain best: coordinate descent, which needs no library."""
    shares = np.zeros(len(right))
    for _ in range(_ROUNDS):
        before = shares.copy()
        for one in range(len(shares)):
            shares[one] = max(0.0, shares[one] + (right[one] - gram[one] @ shares) / (gram[one, one] + _SMALL))
        if np.abs(shares - before).max() < _SETTLED:
            break
    return shares
