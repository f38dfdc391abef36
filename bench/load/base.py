"""`python -m bench.load.base FILE`: what homes draw when nobody does anything, and how many get a tip about it.

FILE is the table of half-hourly kWh that docs/realdata.md names. Prints the table of docs/load.md.
"""

import csv
import gzip
import statistics
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bench.load.backtest import SCALE, ZONE
from gridhall.billing.tips.rules import HIGH_BASE_KW, HIGH_BASE_SHARE
from gridhall.kit.localdays import Days, Month, day_start
from gridhall.metering.histories.series import IntervalSeries
from gridhall.metering.load.analysis import analyse
from gridhall.metering.load.model import BaseLoad, LoadAnalysis

_SLOTS = 48


def curves(path: Path) -> list[dict[date, list[int]]]:
    """Return the half hours of every day of every home, in 1/10000 kWh; days of 46 or 50 of them are left out."""
    with gzip.open(path, "rt") as lines:
        rows = csv.reader(lines)
        homes: list[dict[date, list[int]]] = [defaultdict(list) for _ in next(rows)[2:]]
        for day, _, *values in rows:
            for home, value in zip(homes, values, strict=True):
                home[date.fromisoformat(day)].append(round(float(value) * 10**SCALE))
    return [{day: slots for day, slots in home.items() if len(slots) == _SLOTS} for home in homes]


def base_load(home: dict[date, list[int]], days: Days) -> BaseLoad | None:
    """Return the base load of a home in a month, None where the analysis has none."""
    known = [day for day in days if day in home]
    if not known:
        return None
    values = [value for day in known for value in home[day]]
    found = analyse(
        IntervalSeries(
            channel="import-kwh",
            start=day_start(known[0], ZONE),
            minutes=30,
            scale=SCALE,
            values=values,
            quality=[0] * len(values),
            periods=[0] * len(values),
            period_codes=("total",),
            days=tuple(known),
            first_slots=tuple(range(0, len(values), _SLOTS)),
            present=len(values),
            expected=len(values),
            as_of=None,
        ),
        zone=ZONE,
    )
    return found.base if isinstance(found, LoadAnalysis) else None


def table(homes: Sequence[dict[date, list[int]]]) -> str:
    """Return the table in Markdown: the median and the highest tenth of power and share, and who gets a tip."""
    lines = ["| month | homes | base load, W | its share | tips | without a floor |", "| --- " * 6 + "|"]
    month, last = Month.of(min(min(home) for home in homes)), Month.of(max(max(home) for home in homes))
    while month <= last:
        found = [base for home in homes if (base := base_load(home, month.days))]
        watts, shares = [float(base.kw) * 1000 for base in found], [float(base.share) for base in found]
        high = [base for base in found if base.share > HIGH_BASE_SHARE]
        tips = sum(base.kw >= HIGH_BASE_KW for base in high) / len(found)
        lines.append(
            f"| {month} | {len(found)} | {statistics.median(watts):.0f}, {_highest_tenth(watts):.0f} "
            f"| {statistics.median(shares):.2f}, {_highest_tenth(shares):.2f} "
            f"| {tips:.0%} | {len(high) / len(found):.0%} |"
        )
        month = month.shift(1)
    return "\n".join(lines)


def _highest_tenth(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=10)[-1]


if __name__ == "__main__":
    print(table(curves(Path(sys.argv[1]))))  # noqa: T201 - a command prints
