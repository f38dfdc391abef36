"""Load analysis and projection on homes that really lived: 622 for three months, one for four years."""

import csv
import gzip
import statistics
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bench.load.backtest import daily_use, tries
from gridhall.kit.localdays import Month
from gridhall.kit.quantity import to_scaled
from gridhall.metering.load.analysis import analyse
from gridhall.metering.load.expectation import Expectation, expect
from gridhall.metering.load.model import LoadAnalysis, Reason, TooLittle
from gridhall.metering.load.projection import project
from tests.factories.loads import a_curve

SCALE = 4
PARIS = "Europe/Paris"


@pytest.mark.realdata
def test_the_projection_beats_a_straight_line_and_its_range_holds_four_times_of_five(realdata: Path) -> None:
    homes = daily_use(realdata / "interval" / "edrp_scotland_622hh_halfhour_kwh.csv.gz")[::6]
    found = list(tries(homes, after=14))
    assert len(found) > 200
    ours, line, last = (
        statistics.median(abs(getattr(one, name)) for one in found) for name in ("error", "linear", "last_month")
    )
    assert ours < 0.045
    assert ours <= 1.1 * line < last
    assert 0.72 < sum(one.inside for one in found) / len(found) < 0.88


@pytest.fixture(scope="module")
def paris(realdata: Path) -> dict[date, list[int | None]]:
    """The quarters of a home by local day; one of which a minute is missing is a gap."""
    days: dict[date, dict[int, int]] = defaultdict(dict)
    with gzip.open(realdata / "interval" / "uci_household_15min.csv.gz", "rt") as lines:
        for row in csv.DictReader(lines):
            day, clock = row["start_local"].split(" ")
            slot = int(clock[:2]) * 4 + int(clock[3:5]) // 15
            if int(row["minutes"]) == 15:
                days[date.fromisoformat(day)][slot] = to_scaled(row["kwh"], scale=SCALE)
    return {day: [slots.get(slot) for slot in range(96)] for day, slots in days.items()}


@pytest.mark.realdata
def test_four_years_of_a_real_home_give_figures_or_reasons(paris: dict[date, list[int | None]]) -> None:
    nothing: list[int | None] = [None] * 96
    found: dict[Month, LoadAnalysis | TooLittle] = {}
    month = Month(2007, 1)
    while month <= Month(2010, 11):
        curve = a_curve(month.days, lambda day: paris.get(day, nothing), scale=SCALE, zone="UTC")
        found[month] = analyse(curve, zone=PARIS)
        month = month.shift(1)
    told = {month: one for month, one in found.items() if isinstance(one, LoadAnalysis)}
    assert len(told) >= 44
    assert {one.reason for one in found.values() if isinstance(one, TooLittle)} <= {Reason.FEW_WHOLE_DAYS}
    for one in told.values():
        assert 0.1 < one.base.kw < 0.5
        assert 0.1 < one.base.share < 0.7
        assert one.mean_kwh == pytest.approx(one.kwh / one.whole, abs=Decimal("0.001"))
    evenings = [one.evening.minute for one in told.values()]
    assert 19 * 60 <= statistics.median(evenings) <= 21 * 60


@pytest.mark.realdata
def test_a_second_year_is_projected_better_for_the_first(paris: dict[date, list[int | None]]) -> None:
    used = {
        day: sum(value for value in slots if value is not None) for day, slots in paris.items() if None not in slots
    }

    with_last_year = errors(used, known=lambda _: used)
    alone = errors(used, known=lambda today: {day: used[day] for day in used if abs((today - day).days) < 90})
    assert len(with_last_year) == len(alone) >= 15
    assert statistics.mean(with_last_year) < statistics.mean(alone)


def errors(used: dict[date, int], *, known: Callable[[date], dict[date, int]]) -> list[float]:
    """How far each month that has no gap was off, seven days into it."""
    off = []
    for month in (Month(2008, 2).shift(later) for later in range(33)):
        today = month.first + timedelta(days=7)
        history = known(today)
        expectation = expect(history, today=today, zone=PARIS)
        if isinstance(expectation, Expectation) and all(day in used for day in month.days):
            came = sum(used[day] for day in month.days) / 10**SCALE
            likely = project(expectation, used=history, days=month.days, scale=SCALE).likely
            off.append(abs(float(likely) / came - 1))
    return off
