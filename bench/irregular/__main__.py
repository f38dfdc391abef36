"""`make irregular`: find falsified curves among real households, beside two simple ways of looking for them.

With --fit weights and norms are measured anew on the first half of the homes and printed, to be put into `scoring.py`.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.irregular.attacks import ATTACKS
from bench.irregular.baselines import month_on_month, tuned
from bench.irregular.fitting import fit
from bench.irregular.ranking import TOPS, Ranking, mean_of, rank
from bench.irregular.scene import Scene, halves, households, scene
from gridhall.kit.console import console, errors
from gridhall.metering.irregular.curves import Curves, Floats
from gridhall.metering.irregular.scoring import WEIGHTS, contributions, measured, norms_of

FIT_SEEDS: Final = range(100, 106)
SEEDS: Final = range(200, 210)
FILE: Final = Path("interval") / "edrp_scotland_622hh_halfhour_kwh.csv.gz"

_PAGE: Final = Console(width=200, highlight=False)
"""As wide as the tables of docs/irregular.md, however narrow the terminal: a figure that is cut off is none."""

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
        console.print(norms_of({code: one.strength for code, one in measured(for_fitting[0].curves).items()}))
        return
    forest = tuned(for_fitting[:3])
    ways: Mapping[str, Way] = {
        "signals": lambda one: signals(one.curves),
        "signals, no sum meters": lambda one: signals(one.without_districts()),
        "isolation forest": lambda one: forest.scores(one.curves),
        "month on month": lambda one: month_on_month(one.curves),
    }
    scenes = [scene(second, seed=seed) for seed in SEEDS]
    console.print(
        f"{len(second)} homes, {len(scenes)} drawings, {sum(scenes[0].falsified)} falsified in each; {forest}"
    )
    found = {name: mean_of([rank(way(one), one.kinds) for one in scenes]) for name, way in ways.items()}
    show(found)
    show_kinds(found)
    show_score(scenes)
    errors.print(f"{time.monotonic() - began:.0f} s", highlight=False)


def show(found: Mapping[str, Ranking]) -> None:
    """Print what came of each way."""
    tops = [f"{'P' if of == 'precision' else 'R'}@{top:.0%}" for of in ("precision", "recall") for top in TOPS]
    table = Table("", *tops, "AUC", *ATTACKS, box=MARKDOWN)
    for name, one in found.items():
        cells = [f"{value:.2f}" for value in (*one.precision, *one.recall)]
        cells += [f"{one.auc:.3f}", *(f"{one.by_kind[kind]:.3f}" for kind in ATTACKS)]
        table.add_row(name, *cells)
    _PAGE.print(table)


def show_kinds(found: Mapping[str, Ranking]) -> None:
    """Print which share of each kind is among the first homes."""
    table = Table("found", *(f"{kind} @{top:.0%}" for kind in ATTACKS for top in TOPS[1:]), box=MARKDOWN)
    for name, one in found.items():
        table.add_row(name, *(f"{share:.2f}" for kind in ATTACKS for share in one.found[kind][1:]))
    _PAGE.print(table)


def show_score(scenes: list[Scene]) -> None:
    """Print what a threshold of the score would make of the same homes, with and without sum meters."""
    table = Table(
        "score at least", "suspected", "precision", "recall", "without sum meters:", "precision", "recall", box=MARKDOWN
    )
    pairs = [(score(one.curves), score(one.without_districts()), one.falsified) for one in scenes]
    for least in (0.5, 0.6, 0.7, 0.8, 0.9):
        cells: list[str] = []
        for at in (0, 1):
            picked = [(pair[at] >= least, pair[2]) for pair in pairs]
            hits = sum(int((chosen & bad).sum()) for chosen, bad in picked)
            chosen = sum(int(one.sum()) for one, _ in picked)
            cells += [f"{chosen / len(pairs[0][2]) / len(pairs):.1%}", f"{hits / max(chosen, 1):.2f}"]
            cells.append(f"{hits / sum(int(bad.sum()) for _, bad in picked):.2f}")
        table.add_row(f"{least}", *cells)
    _PAGE.print(table)


def score(curves: Curves) -> Floats:
    """Return the scores that cases are opened by."""
    return 1 / (1 + np.exp(-(WEIGHTS.begin + signals(curves))))


if __name__ == "__main__":
    main()
