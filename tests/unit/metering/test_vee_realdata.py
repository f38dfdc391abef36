"""The checks over real homes: what they find of injected faults, and how often they cry wolf."""

from datetime import date
from pathlib import Path

import pytest

from bench.vee import evidence, households, quarters, score
from gridhall.metering.vee.checks import run_checks
from gridhall.metering.vee.thresholds import thresholds

LIMITS = thresholds()["residential"]


@pytest.mark.realdata
def test_faults_in_real_homes_are_found_and_alarms_are_rare(realdata: Path) -> None:
    homes = households(realdata / "interval" / "edrp_scotland_622hh_halfhour_kwh.csv.gz")[::20]
    scores, alarms, judged, _ = score(homes, LIMITS)
    assert {one.fault: round(one.found / one.days, 2) for one in scores if one.found < one.days * 0.8} == {}
    assert {one.fault for one in scores if one.found + one.others < one.days * 0.9} == set()
    assert {code: round(times / judged, 3) for code, times in alarms.items() if times > judged * 0.04} == {}
    grave = [code for code in alarms if code not in {"spike", "high_low"}]
    assert sum(alarms[code] for code in grave) < judged * 0.002


@pytest.mark.realdata
def test_days_that_a_publisher_filled_by_copying_are_found(realdata: Path) -> None:
    home = quarters(realdata / "interval" / "uci_household_15min.csv.gz")
    days = {day: home[day] for day in home if date(2010, 7, 1) <= day < date(2010, 10, 1)}
    copied = [
        one.day
        for one in evidence(days, LIMITS)
        if any(outcome.failed and outcome.code == "duplicate" for outcome in run_checks(one, LIMITS))
    ]
    assert copied == [date(2010, 8, day) for day in range(18, 22)] + [date(2010, 9, 26), date(2010, 9, 27)]
