"""How a piece of work is measured: the CPU of this process for one go, the median of many rounds."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

_ROUNDS = 15
_ROUND_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Measured:
    """One benchmark's result. milliseconds: CPU of one go, median; worst: of the slowest round."""

    name: str
    milliseconds: float
    worst: float


def measured(name: str, work: Callable[[], object]) -> Measured:
    """Warm `work` up, then run it for rounds of about 50 ms each."""
    once = _seconds(work, 1) and _seconds(work, 1)
    times = max(1, round(_ROUND_SECONDS / max(once, 1e-7)))
    rounds = [_seconds(work, times) / times * 1000 for _ in range(_ROUNDS)]
    return Measured(name, statistics.median(rounds), max(rounds))


def _seconds(work: Callable[[], object], times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        work()
    return time.process_time() - started
