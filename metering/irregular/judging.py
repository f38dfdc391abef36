"""From curves to suspicions. Pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import numpy as np

from gridhall.kit.localdays import Days
from gridhall.metering.irregular.curves import Curves
from gridhall.metering.irregular.model import Evidence, Suspicion, Watch, leading
from gridhall.metering.irregular.scoring import Norm, contributions, measured, score
from gridhall.metering.irregular.signals.model import Measured
from gridhall.metering.points.model import ServicePoint

_DECIMALS = 4


def judge(
    *, curves: Curves, homes: Mapping[UUID, ServicePoint], norms: Mapping[str, Norm], days: Days, watch: Watch
) -> list[Suspicion]:
    """Return the homes of one class whose score reaches its threshold. The last day that was looked at dates them."""
    found = measured(curves)
    added = contributions({code: one.strength for code, one in found.items()}, norms=norms)
    suspicions = []
    for index, point_id in enumerate(curves.points):
        home = homes[point_id]
        parts = {code: float(values[index]) for code, values in added.items()}
        reached = score(parts)
        if reached >= watch.thresholds.get(home.supply_class, np.inf):
            evidence = _evidence(index, parts, found, days, watch)
            suspicions.append(Suspicion(home, round(reached, _DECIMALS), evidence, days))
    return suspicions


def _evidence(
    index: int, parts: Mapping[str, float], found: Mapping[str, Measured], days: Days, watch: Watch
) -> tuple[Evidence, ...]:
    last = days.end - timedelta(days=1)
    return leading(
        [
            Evidence(
                signal=code,
                added=round(added, _DECIMALS),
                numbers={
                    name: round(float(values[index]), 2)
                    for name, values in found[code].numbers.items()
                    if np.isfinite(values[index])
                },
                since=days.start + timedelta(days=since) if (since := int(found[code].since[index])) >= 0 else None,
                first_seen=last,
                last_seen=last,
            )
            for code, added in parts.items()
            if added >= watch.least_added
        ]
    )


def score_of(evidence: Sequence[Evidence], *, without: frozenset[str] = frozenset()) -> float:
    """Return the score of evidence alone, less the signals that a dismissal has silenced."""
    return round(score({one.signal: one.added for one in evidence}, without=without), _DECIMALS)
