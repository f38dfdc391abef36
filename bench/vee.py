"""How well the checks of readings find faults, and how often they cry wolf: `python -m bench.vee`.

622 real households are judged as they are, which tells the false alarms, and once more with one fault in one day of
each, which tells what is found. Registers are made from the curves, as a meter would show them (1/100 kWh). Another
real household, four years of quarters with known gaps, says the same of missing readings.
"""

import argparse
import csv
import gzip
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from gridhall.kit.quantity import from_scaled
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY
from gridhall.metering.vee.assembling import print_of
from gridhall.metering.vee.checks import CHECKS, run_checks
from gridhall.metering.vee.evidence import Curve, Evidence, Past, Registers
from gridhall.metering.vee.thresholds import Thresholds, thresholds

SEED: Final = 4
WARM: Final = 28
"""Days of history before the first judged day."""
MULTIPLIER: Final = 40
_ONE_DAY: Final = timedelta(days=1)

Home = Mapping[date, Curve]
Fault = Callable[[Evidence, random.Random], Evidence]


@dataclass(frozen=True, slots=True)
class Score:
    """What came of one fault. found: by its own check. others: by any other check only."""

    fault: str
    check: str
    days: int
    found: int
    others: int


def households(file: Path) -> list[Home]:
    """Return the days of every household: half hours in 1/10000 kWh."""
    with gzip.open(file, "rt") as text:
        _, *rows = csv.reader(text)
    by_day: dict[date, list[list[str]]] = {}
    for row in rows:
        by_day.setdefault(date.fromisoformat(row[0]), []).append(row[2:])
    homes: list[dict[date, Curve]] = [{} for _ in rows[0][2:]]
    for day, slots in by_day.items():
        for home, values in zip(homes, zip(*slots, strict=True), strict=True):
            home[day] = _curve(30, [round(float(value) * 10**4) for value in values])
    return homes


def quarters(file: Path) -> Home:
    """Return the days of the household that says how many minutes of each quarter were measured: 1/10000 kWh."""
    days: dict[date, list[int]] = {}
    with gzip.open(file, "rt") as text:
        for row in csv.DictReader(text):
            at = datetime.fromisoformat(row["start_local"])
            whole = row["minutes"] == "15"
            values = days.setdefault(at.date(), [MISSING] * 96)
            values[at.hour * 4 + at.minute // 15] = round(float(row["kwh"]) * 10**4) if whole else MISSING
    return {day: _curve(15, values) for day, values in days.items()}


def evidence(home: Home, limits: Thresholds, *, from_index: int = WARM) -> Iterator[Evidence]:
    """Yield what is to be judged of a household, day by day."""
    past = {day: Past(curve.total, curve.whole, estimated=False) for day, curve in home.items()}
    prints: dict[bytes, date] = {}
    shown = 0
    for index, (day, curve) in enumerate(sorted(home.items())):
        before, shown = shown, shown + sum(value for value in curve.values if value > 0)
        seen = print_of(curve, limits.duplicate.values)
        if index >= from_index:
            window = [day - timedelta(days=back) for back in range(1, WARM + 1)]
            yield Evidence(
                day=day,
                curve=curve,
                slots=len(curve.values),
                minutes=curve.minutes,
                multiplier=1,
                registers=_registers(before, shown) if curve.whole else Registers(None, lacking="no_registers"),
                past={one: past[one] for one in window if one in past},
                prints=dict(prints),
                print=seen,
            )
        if seen:
            prints[seen] = day


def _registers(before: int, after: int) -> Registers:
    """Return the difference of a register that shows hundredths."""
    return Registers(from_scaled(after // 100 - before // 100, scale=2), resolution=Decimal("0.01"))


def _curve(minutes: int, values: Sequence[int]) -> Curve:
    return Curve(minutes, 4, values, [MISSING_QUALITY if value < 0 else 0 for value in values])


def _with(given: Evidence, values: Sequence[int]) -> Evidence:
    curve = _curve(given.minutes, values)
    return replace(given, curve=curve, print=print_of(curve, 6))


def _values(given: Evidence) -> list[int]:
    return list(given.curve.values) if given.curve else []


def five_missing(given: Evidence, rng: random.Random) -> Evidence:
    """Five half hours are gone."""
    gone = set(rng.sample(range(given.slots), 5))
    return _with(given, [MISSING if slot in gone else value for slot, value in enumerate(_values(given))])


def half_as_fine(given: Evidence, _: random.Random) -> Evidence:
    """Every second half hour is empty: the meter sends hours."""
    return _with(given, [MISSING if slot % 2 else value for slot, value in enumerate(_values(given))])


def spiked(given: Evidence, rng: random.Random) -> Evidence:
    """One half hour is three times the highest of the day, at least 10 kW."""
    values = _values(given)
    values[rng.randrange(len(values))] = max(3 * max(values), 5 * 10**4)
    return _with(given, values)


def repeated(given: Evidence, _: random.Random) -> Evidence:
    """The day is a copy of the day before."""
    twin = next((seen for seen, day in given.prints.items() if day == given.day - _ONE_DAY), b"")
    return replace(given, print=twin)


def ran_back(given: Evidence, rng: random.Random) -> Evidence:
    """A register shows less at the end of the day."""
    return replace(given, registers=Registers(Decimal(-rng.randrange(1, 500)) / 10, Decimal("0.01")))


def a_tenth_lost(given: Evidence, _: random.Random) -> Evidence:
    """The curve lacks a tenth of what the registers counted."""
    return _with(given, [value * 9 // 10 for value in _values(given)])


def stuck(given: Evidence, rng: random.Random) -> Evidence:
    """Zero for 14 hours on end."""
    first = rng.randrange(given.slots - 28)
    return _with(given, [0 if first <= slot < first + 28 else value for slot, value in enumerate(_values(given))])


def watt_hours(given: Evidence, _: random.Random) -> Evidence:
    """Wh were taken for kWh."""
    return _with(given, [value * 1000 for value in _values(given)])


def kilo_too_much(given: Evidence, _: random.Random) -> Evidence:
    """KWh were taken for Wh."""
    return _with(given, [value // 1000 for value in _values(given)])


def times_forty(given: Evidence, _: random.Random) -> Evidence:
    """The multiplier of 40 was applied twice."""
    return replace(_with(given, [value * MULTIPLIER for value in _values(given)]), multiplier=MULTIPLIER)


def five_times(given: Evidence, _: random.Random) -> Evidence:
    """The day is five times as high."""
    return _with(given, [value * 5 for value in _values(given)])


def a_twentieth(given: Evidence, _: random.Random) -> Evidence:
    """The day is a twentieth."""
    return _with(given, [value // 20 for value in _values(given)])


def estimated_long(given: Evidence, _: random.Random) -> Evidence:
    """The day and the three before are estimated."""
    curve = given.curve or _curve(given.minutes, [])
    days = {given.day - timedelta(days=back) for back in (1, 2, 3)}
    past = {day: replace(one, estimated=True) if day in days else one for day, one in given.past.items()}
    return replace(given, curve=replace(curve, quality=[8] * len(curve.values)), past=past)


FAULTS: Final[Mapping[str, tuple[str, Fault]]] = {
    "5 of 48 intervals missing": ("missing", five_missing),
    "every second interval empty": ("interval_size", half_as_fine),
    "one interval three times the highest": ("spike", spiked),
    "yesterday's curve again": ("duplicate", repeated),
    "a register runs backwards": ("negative", ran_back),
    "a tenth of the curve lost": ("sum", a_tenth_lost),
    "estimated for four days": ("prolonged_estimation", estimated_long),
    "stuck at zero for 14 h": ("zero", stuck),
    "Wh for kWh (times 1000)": ("unit", watt_hours),
    "kWh for Wh (a thousandth)": ("unit", kilo_too_much),
    "multiplier 40 applied twice": ("multiplier", times_forty),
    "five times the use": ("high_low", five_times),
    "a twentieth of the use": ("high_low", a_twentieth),
}


def score(homes: Sequence[Home], limits: Thresholds) -> tuple[list[Score], Counter[str], int, float]:
    """Return what was found of each fault, the false alarms a check, the clean days, and CPU seconds a clean day."""
    days = [list(evidence(home, limits)) for home in homes]
    alarms: Counter[str] = Counter()
    began = time.process_time()
    for of_home in days:
        for one in of_home:
            alarms.update(outcome.code for outcome in run_checks(one, limits) if outcome.failed)
    judged = sum(map(len, days))
    spent = (time.process_time() - began) / judged
    scores = []
    for fault, (check, inject) in FAULTS.items():
        rng = random.Random(SEED)  # noqa: S311 - the same faults at every run
        found = others = 0
        for of_home in days:
            failed = {one.code for one in run_checks(inject(rng.choice(of_home), rng), limits) if one.failed}
            found += check in failed
            others += bool(failed) and check not in failed
        scores.append(Score(fault, check, len(days), found, others))
    return scores, alarms, judged, spent


def tables(data: Path) -> Iterator[str]:
    """Yield the lines of the report, in Markdown."""
    limits = thresholds()["residential"]
    homes = households(data / "interval" / "edrp_scotland_622hh_halfhour_kwh.csv.gz")
    scores, alarms, judged, spent = score(homes, limits)
    yield f"{len(homes)} households, {judged} clean days judged, {spent * 1e6:.0f} µs CPU a day for all checks."
    yield ""
    yield "| injected fault | check | found | found by others only |"
    yield "| --- | --- | --- | --- |"
    for one in scores:
        yield f"| {one.fault} | {one.check} | {one.found / one.days:.1%} | {one.others / one.days:.1%} |"
    yield ""
    yield "| check | severity | false alarms a clean day |"
    yield "| --- | --- | --- |"
    for code in CHECKS:
        yield f"| {code} | {getattr(limits, code).severity} | {alarms[code] / judged:.2%} |"
    yield ""
    home = quarters(data / "interval" / "uci_household_15min.csv.gz")
    counts: Counter[str] = Counter()
    gappy = judged = agree = 0
    for one in evidence(home, limits):
        failed = {outcome.code for outcome in run_checks(one, limits) if outcome.failed}
        counts.update(failed)
        lacking = one.curve is not None and not one.curve.whole
        gappy, judged, agree = gappy + lacking, judged + 1, agree + (lacking == ("missing" in failed))
    shown = ", ".join(f"{code} {times}" for code, times in counts.most_common())
    yield f"One household, {judged} days of quarters, {gappy} with quarters not wholly measured; `missing` agrees on"
    yield f"{agree} of them. Days that fail: {shown}."


def main() -> None:
    """Print the report."""
    here = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(os.environ.get("GRIDHALL_REALDATA", here.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=default, help="folder of the real inputs (docs/realdata.md)")
    for line in tables(parser.parse_args().data):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
