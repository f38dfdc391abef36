"""How good a ranking is: precision and recall of the first homes, and the area under the ROC curve."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from gridhall.metering.irregular.curves import Bools, Floats

TOPS: Final = (0.01, 0.05, 0.10)


@dataclass(frozen=True, slots=True)
class Ranking:
    """precision, recall: at each of TOPS. auc: all kinds against the honest homes.

    by_kind: the same of one kind. found: by kind, its recall at each of TOPS.
    """

    precision: tuple[float, ...]
    recall: tuple[float, ...]
    auc: float
    by_kind: dict[str, float]
    found: dict[str, tuple[float, ...]]


def rank(scores: Floats, kinds: tuple[str, ...]) -> Ranking:
    """Rank homes by their scores, the highest first; of equals the order of the file."""
    bad = np.array([bool(kind) for kind in kinds])
    order = np.argsort(-scores, kind="stable")
    hits = [int(bad[order[: round(top * len(scores))]].sum()) for top in TOPS]
    looked_at = [round(top * len(scores)) for top in TOPS]
    named = np.array(kinds)
    present = sorted(set(kinds) - {""})
    return Ranking(
        precision=tuple(hit / count for hit, count in zip(hits, looked_at, strict=True)),
        recall=tuple(hit / int(bad.sum()) for hit in hits),
        auc=auc(scores, bad),
        by_kind={kind: auc(scores[(named == kind) | ~bad], bad[(named == kind) | ~bad]) for kind in present},
        found={
            kind: tuple(float((named[order[:count]] == kind).sum() / (named == kind).sum()) for count in looked_at)
            for kind in present
        },
    )


def auc(scores: Floats, bad: Bools) -> float:
    """Return the chance that a falsified home ranks above an honest one; equals count half."""
    _, same, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (counts.cumsum() - (counts - 1) / 2)[same]
    count = int(bad.sum())
    return float((ranks[bad].sum() - count * (count + 1) / 2) / (count * (len(scores) - count)))


def mean_of(rankings: list[Ranking]) -> Ranking:
    """Return the mean over drawings."""
    return Ranking(
        precision=tuple(float(np.mean([one.precision[at] for one in rankings])) for at in range(len(TOPS))),
        recall=tuple(float(np.mean([one.recall[at] for one in rankings])) for at in range(len(TOPS))),
        auc=float(np.mean([one.auc for one in rankings])),
        by_kind={kind: float(np.mean([one.by_kind[kind] for one in rankings])) for kind in rankings[0].by_kind},
        found={
            kind: tuple(np.mean([one.found[kind] for one in rankings], axis=0).tolist()) for kind in rankings[0].found
        },
    )
