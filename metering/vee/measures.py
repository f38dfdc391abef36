"""What the checks came to, counted for the dashboards."""

from collections.abc import Sequence
from typing import Final

from prometheus_client import Counter

from gridhall.metering.vee.estimating.operations import Filled
from gridhall.metering.vee.judging import Judged

CHECKS: Final = Counter("gridhall_vee_checks_total", "Checks of days that ran.", ["check", "verdict"])
ESTIMATED: Final = Counter("gridhall_vee_estimated_total", "Intervals that were estimated.")
REFUSED: Final = Counter("gridhall_vee_not_estimated_total", "Days with gaps that were not estimated.", ["reason"])


def count(judged: Sequence[Judged], filled: Filled) -> None:
    """Count what a chunk came to."""
    tally: dict[tuple[str, str], int] = {}
    for one in judged:
        for day in one.days:
            for outcome in day.outcomes:
                key = outcome.code, outcome.verdict.value
                tally[key] = tally.get(key, 0) + 1
    for key, times in tally.items():
        CHECKS.labels(*key).inc(times)
    ESTIMATED.inc(filled.written)
    for _, _, reason in filled.refused:
        REFUSED.labels(reason).inc()
