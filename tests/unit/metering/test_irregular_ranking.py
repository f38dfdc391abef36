"""622 real households, a tenth of them falsified: the signals rank better than what is simpler."""

from pathlib import Path

import numpy as np
import pytest

from bench.irregular.__main__ import FILE, signals
from bench.irregular.baselines import Forest, month_on_month
from bench.irregular.ranking import Ranking, auc, rank
from bench.irregular.scene import Scene, halves, households, scene


@pytest.fixture(scope="module")
def second_half(realdata: Path) -> Scene:
    """The homes that no weight was fitted on, drawn once."""
    return scene(halves(households(realdata / FILE))[1], seed=4)


def ranked(second_half: Scene) -> dict[str, Ranking]:
    curves = second_half.curves
    return {
        "signals": rank(signals(curves), second_half.kinds),
        "no district": rank(signals(second_half.without_districts()), second_half.kinds),
        "forest": rank(Forest(100, 1.0, changes=True).scores(curves), second_half.kinds),
        "month": rank(month_on_month(curves), second_half.kinds),
    }


@pytest.mark.realdata
def test_the_signals_rank_falsified_homes_above_honest_ones_better_than_both_baselines(second_half: Scene) -> None:
    found = ranked(second_half)
    assert sum(second_half.falsified) == 31
    for way in ("signals", "no district"):
        assert found[way].auc > 0.94
        for baseline in ("forest", "month"):
            # Half of what the baseline gets wrong, at most.
            assert 1 - found[way].auc < 0.6 * (1 - found[baseline].auc)
            assert found[way].precision[1] > found[baseline].precision[1]
    assert found["signals"].precision[2] >= found["no district"].precision[2]


def test_an_area_under_the_curve_counts_equals_half() -> None:
    bad = np.array([True, False, True, False])
    assert auc(np.array([3.0, 1.0, 2.0, 0.0]), bad) == 1.0
    assert auc(np.array([0.0, 1.0, 0.5, 2.0]), bad) == 0.0
    assert auc(np.ones(4), bad) == 0.5
