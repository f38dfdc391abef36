"""`make irregular`: find falsified curves among real households, beside two simple ways of looking for them.

With --fit the weights are fitted anew on the first half of the homes and printed, to be put into `scoring.py`.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from rich.table import Table

from bench.irregular.attacks import ATTACKS
from bench.irregular.baselines import month_on_month, tuned
from bench.irregular.fitting import fit
from bench.irregular.ranking import TOPS, Ranking, mean_of, rank
from bench.irregular.scene import Scene, halves, households, scene
from gridhall.kit.console import console, errors
from gridhall.metering.irregular.curves import Curves, Floats
from gridhall.metering.irregular.scoring import contributions, measured, norms_of

FIT_SEEDS: Final = range(100, 106)
SEEDS: Final = range(200, 210)
FILE: Final = Path("interval") / "edrp_scotland_622hh_halfhour_kwh.csv.gz"

Way = Callable[[Scene], Floats]


def signals(curves: Curves) -> Floats:
    """Return the sum of contributions of each home: it ranks as the score does."""
    strengths = {code: one.strength for code, one in measured(curves).items()}
    return np.sum(list(contributions(strengths, norms=norms_of(strengths)).values()), axis=0)


def main() -> None:
    """Measure and show."""
    began = time.monotonic()
    here = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("GRIDHALL_REALDATA", here.parent / "shared" / "data"))
    if not (folder / FILE).exists():
        sys.exit(f"the real households are not at {folder}; set GRIDHALL_REALDATA (docs/realdata.md)")
    first, second = halves(households(folder / FILE))
    for_fitting = [scene(first, seed=seed) for seed in FIT_SEEDS]
    if "--fit" in sys.argv:
        console.print(fit(for_fitting))
        return
    forest = tuned(for_fitting[:3])
    ways: Mapping[str, Way] = {
        "signals": lambda one: signals(one.curves),
        "signals, no district": lambda one: signals(one.without_districts()),
        "isolation forest": lambda one: forest.scores(one.curves),
        "month on month": lambda one: month_on_month(one.curves),
    }
    scenes = [scene(second, seed=seed) for seed in SEEDS]
    console.print(
        f"{len(second)} homes, {len(scenes)} drawings, {sum(scenes[0].falsified)} falsified in each; {forest}"
    )
    show({name: mean_of([rank(way(one), one.kinds) for one in scenes]) for name, way in ways.items()})
    errors.print(f"{time.monotonic() - began:.0f} s", highlight=False)


def show(found: Mapping[str, Ranking]) -> None:
    """Print what came of each way."""
    tops = [f"{'P' if of == 'precision' else 'R'}@{top:.0%}" for of in ("precision", "recall") for top in TOPS]
    table = Table("", *tops, "AUC", *ATTACKS)
    for name, one in found.items():
        cells = [f"{value:.2f}" for value in (*one.precision, *one.recall)]
        cells += [f"{one.auc:.3f}", *(f"{one.by_kind[kind]:.3f}" for kind in ATTACKS)]
        table.add_row(name, *cells)
    console.print(table)


main()
