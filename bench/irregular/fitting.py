"""The weights of the signals, fitted on the first half of the homes: logistic regression, no weight below none."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from bench.irregular.scene import Scene
from gridhall.metering.irregular.scoring import Weights, measured, norms_of, unusual
from gridhall.metering.irregular.signals.registry import CODES

NOT_IN_THE_SCENES: Final = {"register_gap": 2.5, "zero_days": 2.5}
"""Set by hand, so that a gap of a tenth, or three weeks of nothing, is a suspicion by itself: no household's registers
are known, and no attack of the six leaves whole days of nothing."""

LEAST: Final = 0.1
"""What a signal weighs that the six kinds do not need beside the others: there are other kinds."""

_ROUNDS, _STEP, _PENALTY = 6000, 0.2, 2e-3


def fit(scenes: Sequence[Scene]) -> Weights:
    """Fit the weights by gradient descent. Deterministic."""
    codes = [code for code in CODES if code not in NOT_IN_THE_SCENES]
    tables = []
    for scene in scenes:
        strengths = {code: one.strength for code, one in measured(scene.curves).items()}
        norms = norms_of(strengths)
        tables.append(np.stack([unusual(strengths[code], norms.get(code)) for code in codes], axis=1))
    table = np.concatenate(tables)
    bad = np.concatenate([scene.falsified for scene in scenes]).astype(np.float64)
    weights, begin = np.zeros(len(codes)), -3.0
    for _ in range(_ROUNDS):
        wrong = 1 / (1 + np.exp(-(table @ weights + begin))) - bad
        weights = np.maximum(0.0, weights - _STEP * (table.T @ wrong / len(bad) + _PENALTY * weights))
        begin -= _STEP * float(wrong.mean())
    found = dict(zip(codes, (max(LEAST, round(float(one), 2)) for one in weights), strict=True))
    return Weights(begin=round(begin, 2), of=found | NOT_IN_THE_SCENES)
