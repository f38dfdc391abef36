"""What the signals are measured against: a month against the month before, and an isolation forest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.ensemble import IsolationForest

from bench.irregular.ranking import auc
from bench.irregular.scene import Scene
from gridhall.metering.irregular.curves import Curves, Floats

_MONTH: Final = 30
_SMALL_KWH: Final = 0.1


def month_on_month(curves: Curves) -> Floats:
    """Return the drop of the last 30 days against the 30 before them: what is looked at where nothing else is."""
    daily = curves.daily
    return 1 - daily[:, -_MONTH:].sum(axis=1) / (daily[:, -2 * _MONTH : -_MONTH].sum(axis=1) + _SMALL_KWH)


@dataclass(frozen=True, slots=True)
class Forest:
    """An isolation forest over the homes. changes: with features of the last against the first 30 days."""

    trees: int
    features: float
    changes: bool

    def scores(self, curves: Curves) -> Floats:
        """Fit it on the homes, which carry no labels, and return how isolated each is."""
        forest = IsolationForest(
            n_estimators=self.trees, max_features=self.features, max_samples=min(256, curves.homes), random_state=0
        )
        table = _features(curves, changes=self.changes)
        return np.asarray(-forest.fit(table).score_samples(table))


CHOICES: Final = tuple(
    Forest(trees, features, changes) for trees in (100, 300) for features in (0.5, 1.0) for changes in (False, True)
)


def tuned(scenes: Sequence[Scene]) -> Forest:
    """Return the forest that does best on these scenes: it is chosen with the labels, on the half for fitting."""
    return max(CHOICES, key=lambda one: np.mean([auc(one.scores(scene.curves), scene.falsified) for scene in scenes]))


def _features(curves: Curves, *, changes: bool) -> Floats:
    early, late = _summary(curves.energy[:, :_MONTH]), _summary(curves.energy[:, -_MONTH:])
    columns = [_summary(curves.energy), month_on_month(curves)[:, None]]
    return np.concatenate([*columns, late - early] if changes else columns, axis=1)


def _summary(energy: Floats) -> Floats:
    """Return what is usually told of a load curve: level, spread, extremes, load factor, zeros, night, shape."""
    daily, slots = energy.sum(axis=2), energy.reshape(len(energy), -1)
    mean = slots.mean(axis=1)
    columns = [
        np.log(daily.mean(axis=1) + _SMALL_KWH),
        daily.std(axis=1) / (daily.mean(axis=1) + _SMALL_KWH),
        np.log(daily.min(axis=1) + _SMALL_KWH),
        np.log(daily.max(axis=1) + _SMALL_KWH),
        slots.std(axis=1) / (mean + _SMALL_KWH),
        mean / (slots.max(axis=1) + _SMALL_KWH),
        (slots == 0).mean(axis=1),
        energy[:, :, :12].sum(axis=(1, 2)) / (slots.sum(axis=1) + _SMALL_KWH),
        np.abs(np.diff(np.log(daily + _SMALL_KWH), axis=1)).mean(axis=1),
    ]
    shape = energy.mean(axis=1).reshape(len(energy), 12, 4).sum(axis=2) / (mean[:, None] + _SMALL_KWH)
    return np.concatenate([np.stack(columns, axis=1), shape], axis=1)
