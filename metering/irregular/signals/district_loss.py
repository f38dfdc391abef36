"""The loss of a transformer district (台区线损): the members whose curves look like what is missing.

Sum meter less members is the loss. What the lines and the transformer always lose is a share of what flows; the rest
is explained by the members, each in two ways: it counts only a part of what it uses (then the missing energy has the
shape of its own present curve), or it does not count certain hours (then it has the shape of what it used in these
hours before). Both from the day on which the member's own use went down. How much of each, never less than none, is
fitted by least squares, slot by slot and all members at once, so that one member's loss is not laid at another's door.
"""

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

_ROUNDS: Final = 200
_SETTLED: Final = 1e-5
_RIDGE: Final = 1e-3
_SMALL: Final = 1e-9


def measure(curves: Curves) -> Measured:
    """Explain the loss of each district by its members.

    Strength is how many standard errors the explained energy lies above none. NaN where there is no sum meter or too
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
            strength[members], missing, excess = found
            daily = curves.daily[members][:, days].mean(axis=1)
            numbers["missing"][members] = missing
            numbers["percent"][members] = 100 * missing / max(excess, _SMALL) if excess > 0 else 0.0
            numbers["counted"][members] = 100 * daily / np.maximum(daily + missing, _SMALL)
    return Measured(strength=strength, numbers=numbers, since=np.where(np.isnan(strength), -1, since))


def _complete(curves: Curves, members: Ints, district: District) -> Bools:
    measured = np.isfinite(district.sum_meter).all(axis=1) & (district.sum_meter > 0).all(axis=1)
    covered = curves.usable[members].mean(axis=0) if len(members) else np.zeros(curves.days)
    return np.asarray(measured & (covered >= LEAST_COVERED))


def _explain(energy: Floats, flowed: Floats, since: Ints, days: Bools) -> tuple[Floats, Floats, float]:
    """Return by member the strength and the missing kWh a day, and the district's excess loss, kWh a day."""
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
    columns = (parts / flowed).reshape(len(parts), -1)
    wanted = (excess / flowed).ravel()
    gram, right = columns @ columns.T, columns @ wanted
    shares = _least_squares(gram, right)
    left = wanted - shares @ columns
    ridge = _RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
    error = np.sqrt((left @ left) / len(left) * np.diag(np.linalg.inv(gram + ridge + _SMALL * np.eye(len(gram)))))
    own, by_hours = np.split(shares / np.maximum(error, _SMALL), 2)
    missing = shares * parts.sum(axis=(1, 2)) / len(flowed)
    return np.hypot(own, by_hours), missing.reshape(2, -1).sum(axis=0), float(excess.sum(axis=1).mean())


def _least_squares(gram: Floats, right: Floats) -> Floats:
    """Return the shares, none below 0, that explain best: coordinate descent, which needs no library."""
    shares = np.zeros(len(right))
    size = np.diag(gram) + _SMALL
    for _ in range(_ROUNDS):
        before = shares.copy()
        for one in range(len(shares)):
            shares[one] = max(0.0, shares[one] + (right[one] - gram[one] @ shares) / size[one])
        if np.abs(shares - before).max() < _SETTLED:
            break
    return shares
