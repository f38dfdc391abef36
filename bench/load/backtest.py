"""`python -m bench.load.backtest FILE`: how good the projection is on real homes, against two baselines.

FILE is a table of half-hourly kWh as docs/realdata.md names it: columns `date`, `time`, and one a home. Each home is
projected in each month that has a month before it, as it would have been 7, 14 and 21 days into the month. Prints the
table of docs/load.md.
"""

import csv
import gzip
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from gridhall.kit.localdays import Month
from gridhall.metering.load.expectation import Expectation, expect
from gridhall.metering.load.projection import project

SCALE = 4
ZONE = "Europe/London"
AFTER_DAYS = (7, 14, 21)
_LEAST_KWH = 5
"""A home that used less in a month stood empty: every method is then off by any number of per cent."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One projection beside what came: relative errors of it and of the baselines, and whether the range held."""

    error: float
    linear: float
    last_month: float
    inside: bool
    width: float


def daily_use(path: Path) -> list[dict[date, int]]:
    """Return the energy of every day of every home, in 1/10000 kWh."""
    with gzip.open(path, "rt") as lines:
        rows = csv.reader(lines)
        homes: list[dict[date, int]] = [defaultdict(int) for _ in next(rows)[2:]]
        for day, _, *values in rows:
            for home, value in zip(homes, values, strict=True):
                home[date.fromisoformat(day)] += round(float(value) * 10**SCALE)
    return homes


def tries(homes: list[dict[date, int]], *, after: int) -> Iterator[Tried]:
    """Yield every projection that the data can check."""
    for used in homes:
        first, last = Month.of(min(used)), Month.of(max(used))
        month = first.shift(1)
        while month <= last:
            tried = _try(used, month, after)
            if tried:
                yield tried
            month = month.shift(1)


def _try(used: Mapping[date, int], month: Month, after: int) -> Tried | None:
    came = sum(used[day] for day in month.days) / 10**SCALE
    today = month.first + timedelta(days=after)
    expectation = expect(used, today=today, zone=ZONE)
    if came < _LEAST_KWH or not isinstance(expectation, Expectation):
        return None
    found = project(expectation, used=used, days=month.days, scale=SCALE)
    measured = float(found.measured)
    return Tried(
        error=float(found.likely) / came - 1,
        linear=measured / after * len(month.days) / came - 1,
        last_month=sum(used[day] for day in month.shift(-1).days) / 10**SCALE / came - 1,
        inside=float(found.low) <= came <= float(found.high),
        width=float(found.high - found.low) / came,
    )


def table(homes: list[dict[date, int]]) -> str:
    """Return the table in Markdown."""
    lines = [
        "| after | projections | median error | of a straight line | of last month | range held | width of it |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for after in AFTER_DAYS:
        found = list(tries(homes, after=after))
        errors = [statistics.median(abs(getattr(one, name)) for one in found) for name in Tried.__slots__[:3]]
        held = sum(one.inside for one in found) / len(found)
        width = statistics.median(one.width for one in found)
        shown = " | ".join(f"{error:.1%}" for error in errors)
        lines.append(f"| {after} days | {len(found)} | {shown} | {held:.0%} | {width:.0%} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(daily_use(Path(sys.argv[1]))))  # noqa: T201 - a command prints
