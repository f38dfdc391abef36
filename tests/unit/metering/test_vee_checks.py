"""Every check at its boundary."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gridhall.kit.localdays import Month
from gridhall.kit.words import LANGUAGES, Words
from gridhall.metering.calendars.datafile import RuleFileError
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY
from gridhall.metering.points.model import CLASSES
from gridhall.metering.vee.checks import CHECKS, run_checks
from gridhall.metering.vee.documents import BITS, from_judged, to_judged
from gridhall.metering.vee.evidence import Curve, Evidence, Past, Registers
from gridhall.metering.vee.model import JudgedDay, Outcome, Severity, Stamp, Verdict
from gridhall.metering.vee.sentences import sentence, title, told_to_customer
from gridhall.metering.vee.thresholds import thresholds

DAY = date(2026, 10, 15)
LIMITS = thresholds()["residential"]
USUAL = [200] * 48
"""Half hours of 0.2 kWh: 9.6 kWh a day."""


def a_curve(values: Sequence[int], *, minutes: int = 30, quality: int = 0) -> Curve:
    return Curve(minutes, 3, values, [MISSING_QUALITY if value < 0 else quality for value in values])


def past(days: int = 28, *, kwh: str = "9.6", estimated: int = 0) -> dict[date, Past]:
    return {
        DAY - timedelta(days=back): Past(Decimal(kwh), whole=True, estimated=back <= estimated)
        for back in range(1, days + 1)
    }


def a_day(values: Sequence[int] | None = USUAL, **changes: Any) -> Evidence:  # noqa: ANN401 - any field
    curve = None if values is None else a_curve(values)
    fields: dict[str, Any] = {
        "day": DAY,
        "curve": curve,
        "slots": 48,
        "minutes": 30,
        "multiplier": 1,
        "registers": Registers(None, lacking="no_registers"),
        "past": past(),
    }
    return Evidence(**{**fields, **changes})


def said(code: str, evidence: Evidence) -> Outcome:
    return CHECKS[code](evidence, LIMITS)


def fails(code: str, evidence: Evidence) -> bool:
    return said(code, evidence).failed


def with_slots(**slots: int) -> list[int]:
    values = list(USUAL)
    for name, value in slots.items():
        values[int(name.removeprefix("at"))] = value
    return values


class TestCompleteness:
    def test_one_missing_interval_fails_and_is_told_with_its_gap(self) -> None:
        found = said("missing", a_day(with_slots(at3=MISSING, at4=MISSING, at9=MISSING)))
        assert found.failed
        assert dict(found.evidence) == {"missing": "3", "expected": "48", "longest_gap_minutes": "60"}

    def test_a_whole_day_passes_and_an_absent_day_misses_all(self) -> None:
        assert not fails("missing", a_day())
        assert said("missing", a_day(None)).measured == 48

    def test_a_meter_that_sends_longer_intervals_is_not_called_gappy_alone(self) -> None:
        every_second = [value if slot % 2 else MISSING for slot, value in enumerate(USUAL)]
        assert said("interval_size", a_day(every_second)).measured == 60
        assert fails("interval_size", replace(a_day(), minutes=15))
        assert not fails("interval_size", a_day(with_slots(at3=MISSING)))

    @pytest.mark.parametrize(("back", "failed"), [(1, True), (31, True), (32, False)])
    def test_a_curve_seen_before_is_a_copy_within_a_month(self, back: int, failed: bool) -> None:  # noqa: FBT001 - a table
        evidence = a_day(print=b"same", prints={b"same": DAY - timedelta(days=back)})
        assert fails("duplicate", evidence) is failed

    def test_a_flat_curve_says_too_little_to_be_called_a_copy(self) -> None:
        assert said("duplicate", a_day()).reason == "no_curve_to_tell"

    @pytest.mark.parametrize(("before", "failed"), [(2, False), (3, True)])
    def test_more_than_three_estimated_days_on_end_are_too_many(self, before: int, failed: bool) -> None:  # noqa: FBT001 - a table
        evidence = a_day(curve=a_curve(USUAL, quality=8), past=past(estimated=before))
        assert fails("prolonged_estimation", evidence) is failed

    def test_a_day_that_has_an_energy_and_no_curve_is_checked_by_its_energy_alone(self) -> None:
        whole = replace(a_day(), curve=a_curve([9600], minutes=24 * 60))
        reasons = {one.code: one.reason for one in run_checks(whole, LIMITS) if one.verdict is Verdict.SKIPPED}
        assert reasons["interval_size"] == "no_curve"
        assert not [one.code for one in run_checks(whole, LIMITS) if one.failed]


class TestValues:
    @pytest.mark.parametrize(("highest", "failed"), [(5400, False), (5401, True)])
    def test_a_spike_is_more_than_1_8_times_the_third_highest(self, highest: int, failed: bool) -> None:  # noqa: FBT001 - a table
        assert fails("spike", a_day(with_slots(at7=highest, at8=3000, at9=3000))) is failed

    def test_a_kettle_in_a_quiet_home_is_no_spike(self) -> None:
        assert not fails("spike", a_day(with_slots(at7=1500)))
        assert said("spike", a_day(None)).reason == "no_readings"

    def test_a_register_that_runs_backwards_is_found(self) -> None:
        assert fails("negative", a_day(registers=Registers(Decimal("-0.01"))))
        assert not fails("negative", a_day(registers=Registers(Decimal(0))))
        assert said("negative", a_day()).reason == "no_registers"

    @pytest.mark.parametrize(
        ("registers", "failed"), [("9.71", False), ("9.72", True), ("9.49", False), ("9.48", True)]
    )
    def test_intervals_sum_to_the_registers_within_what_these_can_show(self, registers: str, failed: bool) -> None:  # noqa: FBT001 - a table
        assert fails("sum", a_day(registers=Registers(Decimal(registers), Decimal("0.01")))) is failed

    def test_a_day_with_gaps_sums_to_no_more_than_the_registers(self) -> None:
        gappy = with_slots(at3=MISSING)
        assert not fails("sum", a_day(gappy, registers=Registers(Decimal("9.6"))))
        assert fails("sum", a_day(gappy, registers=Registers(Decimal("9.0"))))


class TestHistory:
    @pytest.mark.parametrize(("slots", "failed"), [(23, False), (24, True)])
    def test_twelve_hours_of_zeros_are_too_many_where_energy_is_usual(self, slots: int, failed: bool) -> None:  # noqa: FBT001 - a table
        assert fails("zero", a_day([0] * slots + USUAL[slots:])) is failed

    def test_an_empty_home_may_stay_at_zero(self) -> None:
        assert said("zero", a_day([0] * 48, past=past(kwh="0.2"))).reason == "at_rest"
        assert said("zero", a_day([0] * 48, past=past(3))).reason == "thin_history"

    @pytest.mark.parametrize(
        ("factor", "failed"), [(1000, True), (250, True), (249, False), (4000, True), (4001, False)]
    )
    def test_a_thousand_times_the_usual_is_a_wrong_unit(self, factor: int, failed: bool) -> None:  # noqa: FBT001 - a table
        assert fails("unit", a_day([200 * factor] * 48)) is failed

    def test_a_thousandth_is_one_too(self) -> None:
        assert fails("unit", a_day([200] * 48, past=past(kwh="9600")))

    def test_a_multiplier_is_looked_for_where_there_is_one(self) -> None:
        assert said("multiplier", a_day([8000] * 48)).reason == "no_multiplier"
        assert fails("multiplier", a_day([8000] * 48, multiplier=40))
        assert fails("multiplier", a_day([5] * 48, multiplier=40))
        assert not fails("multiplier", a_day(multiplier=40))

    @pytest.mark.parametrize(("value", "failed"), [(700, False), (701, True), (20, False), (19, True)])
    def test_use_far_from_the_mean_of_the_days_before_is_told(self, value: int, failed: bool) -> None:  # noqa: FBT001 - a table
        assert fails("high_low", a_day([value] * 48)) is failed

    def test_around_the_lunar_new_year_only_the_last_one_is_compared_with(self) -> None:
        new_year = date(2026, 2, 18)
        alone = a_day([2000] * 48, day=new_year)
        assert said("high_low", alone).reason == "around_new_year"
        last = {
            date(2025, 1, 27) + timedelta(days=number): Past(Decimal(96), whole=True, estimated=False)
            for number in range(7)
        }
        assert not fails("high_low", replace(alone, last_year=last))


class TestThresholds:
    def test_every_class_has_its_own(self) -> None:
        assert set(thresholds()) == set(CLASSES)
        assert thresholds()["district"].high_low.severity is Severity.SUSPICIOUS

    def test_a_file_changes_single_fields(self, tmp_path: Path) -> None:
        changes = tmp_path / "own.toml"
        changes.write_text("[residential.spike]\nratio = 2.5\n")
        assert thresholds(changes)["residential"].spike.ratio == 2.5
        assert thresholds(changes)["residential"].spike.floor_kw == LIMITS.spike.floor_kw
        assert thresholds(changes)["commercial"].spike.ratio == 1.8

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("[residential.spike]\nratio = 0.5\n", "residential.spike.ratio"),
            ("[residential.spikes]\nratio = 2.0\n", "residential.spikes"),
            ("[homes.spike]\nratio = 2.0\n", "homes: is no class"),
            ("[residential", "is no TOML"),
        ],
    )
    def test_a_file_that_is_wrong_is_refused_by_name_and_field(self, tmp_path: Path, text: str, why: str) -> None:
        changes = tmp_path / f"wrong{abs(hash(text))}.toml"
        changes.write_text(text)
        with pytest.raises(RuleFileError, match=why):
            thresholds(changes)


FAILING = [
    a_day(with_slots(at3=MISSING)),
    a_day([value if slot % 2 else MISSING for slot, value in enumerate(USUAL)]),
    a_day(with_slots(at7=9000)),
    a_day(print=b"same", prints={b"same": DAY - timedelta(days=1)}),
    a_day(registers=Registers(Decimal(-5))),
    a_day(curve=a_curve(USUAL, quality=8), past=past(estimated=5)),
    a_day([0] * 48),
    a_day([200_000] * 48),
    a_day([8000] * 48, multiplier=40),
]


class TestOutcomes:
    def test_every_check_can_fail_and_says_so_in_every_language(self) -> None:
        failed = {one.code: one for evidence in FAILING for one in run_checks(evidence, LIMITS) if one.failed}
        assert set(failed) == set(CHECKS) == set(BITS)
        words = Words(["gridhall.metering"])
        for language in LANGUAGES:
            for code, one in failed.items():
                assert title(code, words=words, language=language)
                assert "{" not in sentence(one, words=words, language=language)
                assert told_to_customer(one, words=words, language=language)

    def test_a_judged_day_is_read_as_it_was_written(self) -> None:
        for evidence in FAILING:
            outcomes = run_checks(evidence, LIMITS)
            judged = JudgedDay(DAY, Stamp(3, 1, 2), outcomes, b"print")
            read = to_judged(Month.of(DAY), DAY.day, from_judged(judged))
            assert read.failed == judged.failed
            assert read.stamp == judged.stamp
            assert {one.code: (one.verdict, one.reason) for one in read.outcomes} == {
                one.code: (one.verdict, one.reason) for one in outcomes
            }

    def test_a_day_that_passes_is_small(self) -> None:
        entry = from_judged(JudgedDay(DAY, Stamp(1), run_checks(a_day(), LIMITS)))
        assert entry[4] == []
        assert {one.verdict for one in run_checks(a_day(), LIMITS)} == {Verdict.PASSED, Verdict.SKIPPED}
