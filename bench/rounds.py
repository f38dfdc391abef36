"""Subjects measured in turns, A B A B, and the median of the rounds: what else the machine does hits all alike."""

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.result import Result


@dataclass(frozen=True, slots=True)
class Sample:
    """One round. units: how many were done. cpu, mongod: seconds of CPU, None where nothing can be said.

    each: ms of single units.
    """

    units: int
    seconds: float
    cpu: float | None = None
    each: Sequence[float] = field(default=())
    mongod: float | None = None


Subject = Callable[[int], Awaitable[Sample]]
"""Does one round, whose number it is told."""


async def in_turns(row: str, subjects: Mapping[str, Subject], *, rounds: int) -> list[Result]:
    """Let every subject do round after round, one after another."""
    samples: dict[str, list[Sample]] = {name: [] for name in subjects}
    for number in range(rounds):
        for name, subject in subjects.items():
            samples[name].append(await subject(number))
    return [result_of(row, name, taken) for name, taken in samples.items()]


def result_of(row: str, subject: str, samples: Sequence[Sample]) -> Result:
    """Return the medians over rounds."""
    rates = [one.units / one.seconds for one in samples]
    rate = statistics.median(rates)
    return Result(
        row=row,
        subject=subject,
        rate_per_s=rate,
        cpu_ms=_median([one.cpu / one.units * 1000 for one in samples if one.cpu is not None]),
        p50_ms=_median([percentile(one.each, 0.50) for one in samples if one.each]),
        mongod_ms=_median([one.mongod / one.units * 1000 for one in samples if one.mongod is not None]),
        p99_ms=_median([percentile(one.each, 0.99) for one in samples if one.each]),
        spread=(max(rates) - min(rates)) / rate if len(rates) > 1 else None,
    )


def percentile(each: Sequence[float], share: float) -> float:
    """Return the value below which `share` of them lie."""
    ordered = sorted(each)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Stopwatch:
    """Wall clock and CPU of this process, from here on."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def sample(self, units: int, each: Sequence[float] = ()) -> Sample:
        """Return what was used since."""
        return Sample(units, time.perf_counter() - self._wall, time.process_time() - self._cpu, each)


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None
