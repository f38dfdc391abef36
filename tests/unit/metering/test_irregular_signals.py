"""Each signal on curves made by hand: it fires where it should, and at no home beside it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from gridhall.metering.irregular.curves import Curves, Floats
from gridhall.metering.irregular.scoring import measured, norms_of, unusual
from gridhall.metering.irregular.signals import (
    cap,
    district_loss,
    flat,
    neighbours,
    night,
    register_gap,
    scaling,
    step,
    swings,
    turned,
    zero_days,
    zero_hours,
)
from gridhall.metering.irregular.signals.model import Measured
from tests.factories.curves import some_curves, some_homes

BAD, SINCE = 3, 50
"""The home that is falsified, and the day from which on."""

Measure = Callable[[Curves], Measured]


def falsified(change: Callable[[Floats], Floats], *, since: int = SINCE) -> Floats:
    energy = some_homes()
    energy[BAD, since:] = change(energy[BAD, since:])
    return energy


def half_in_the_night(days: Floats) -> Floats:
    moved = days.copy()
    moved[:, 12:] *= 0.5
    moved[:, :12] += moved[:, 12:].sum(axis=1, keepdims=True) / 12
    return moved


def two_day_rhythm(days: Floats) -> Floats:
    return days * np.where(np.arange(len(days)) % 2, 0.3, 1.7)[:, None]


def no_hours(days: Floats) -> Floats:
    gone = days.copy()
    gone[:, 34:44] = 0
    return gone


@pytest.mark.parametrize(
    ("measure", "change"),
    [
        (step.measure, lambda days: 0.4 * days),
        (zero_hours.measure, no_hours),
        (zero_days.measure, lambda days: 0 * days),
        (flat.measure, lambda days: np.broadcast_to(days.mean(axis=1, keepdims=True), days.shape)),
        (cap.measure, lambda days: np.minimum(days, 0.2)),
        (scaling.measure, two_day_rhythm),
        (swings.measure, two_day_rhythm),
        (turned.measure, lambda days: days[:, ::-1]),
        (night.measure, half_in_the_night),
    ],
    ids=lambda one: one.__module__.rpartition(".")[2] if one.__module__.startswith("gridhall") else "",
)
def test_a_signal_stands_out_at_the_falsified_home_and_at_no_honest_one(
    measure: Measure, change: Callable[[Floats], Floats]
) -> None:
    honest, found = measure(some_curves(some_homes())), measure(some_curves(falsified(change)))
    assert int(np.nanargmax(found.strength)) == BAD
    assert found.strength[BAD] > 1.5 * max(np.nanmax(np.delete(found.strength, BAD)), 1.0)
    assert np.nanmax(honest.strength) < found.strength[BAD]
    assert SINCE - 22 <= found.since[BAD] <= SINCE + 2 or measure is cap.measure
    assert all(np.isfinite(values[BAD]) for values in found.numbers.values())


class TestStep:
    def test_it_says_how_much_less(self) -> None:
        found = step.measure(some_curves(falsified(lambda days: 0.4 * days)))
        assert found.numbers["percent"][BAD] == pytest.approx(60, abs=6)
        assert found.numbers["after"][BAD] == pytest.approx(0.4 * found.numbers["before"][BAD], rel=0.2)

    def test_what_all_neighbours_do_is_no_step_of_one(self) -> None:
        energy = some_homes()
        energy[:, SINCE:] *= 0.4
        assert np.nanmax(step.measure(some_curves(energy)).strength) < 8
        alone = step.measure(some_curves(energy[:5]))
        assert np.nanmin(alone.strength) > 8, "five homes have no neighbours"

    def test_a_holiday_of_a_week_does_not_stay(self) -> None:
        away = some_homes()
        away[BAD, 40:47] *= 0.4
        gone = step.measure(some_curves(falsified(lambda days: 0.4 * days)))
        assert step.measure(some_curves(away)).strength[BAD] < 0.5 * gone.strength[BAD]


class TestZeroDays:
    def test_a_vacant_home_goes_on_feeding_its_refrigerator(self) -> None:
        found = zero_days.measure(some_curves(falsified(lambda days: 0 * days + 0.02)))
        assert found.strength[BAD] == 0

    def test_a_holiday_home_that_is_often_switched_off_says_little(self) -> None:
        energy = falsified(lambda days: 0 * days, since=60)
        energy[BAD, :60:2] = 0
        often = zero_days.measure(some_curves(energy)).strength[BAD]
        assert 0 < often < 0.1 * zero_days.measure(some_curves(falsified(lambda days: 0 * days))).strength[BAD]

    def test_a_power_cut_of_four_days_is_none(self) -> None:
        assert zero_days.measure(some_curves(falsified(lambda days: 0 * days, since=80))).strength[BAD] == 0

    def test_days_that_were_not_measured_are_no_zeros(self) -> None:
        curves = some_curves(falsified(lambda days: 0 * days))
        curves.usable[BAD, SINCE:] = False
        assert zero_days.measure(curves).strength[BAD] == 0


class TestNeighbours:
    def test_a_home_that_uses_a_tenth_of_the_others_stands_out(self) -> None:
        energy = some_homes()
        energy[BAD] *= 0.1
        found = neighbours.measure(some_curves(energy))
        assert int(np.nanargmax(found.strength)) == BAD
        assert found.numbers["percent"][BAD] < 40

    def test_nine_homes_are_no_neighbourhood(self) -> None:
        assert np.isnan(neighbours.measure(some_curves(some_homes(9))).strength).all()


class TestRegisterGap:
    def test_beyond_what_is_tolerated_it_counts_in_either_direction(self) -> None:
        curves = replace(some_curves(some_homes(4)), register_gap=np.array([0.005, 0.11, -0.11, np.nan]))
        found = register_gap.measure(curves).strength
        assert found[:3].tolist() == pytest.approx([0, 10, 10])
        assert np.isnan(found[3])


class TestDistrictLoss:
    def test_the_member_whose_curve_is_missing_is_named_with_how_much(self) -> None:
        true, sent = some_homes(), falsified(lambda days: 0.4 * days)
        chance = np.random.default_rng(7)
        flowed = true.sum(axis=0) * (1.03 + chance.normal(0, 0.005, true.shape[1:]))
        found = district_loss.measure(some_curves(sent, sum_meter=flowed))
        assert int(np.nanargmax(found.strength)) == BAD
        assert found.numbers["counted"][BAD] == pytest.approx(40, abs=12)
        missing = (true - sent)[BAD].sum() / true.shape[1]
        assert found.numbers["missing"][BAD] == pytest.approx(missing, rel=0.3)
        assert found.numbers["percent"][BAD] > 50

    def test_hours_that_are_not_counted_are_found_by_what_was_used_in_them_before(self) -> None:
        true, sent = some_homes(), falsified(no_hours)
        found = district_loss.measure(some_curves(sent, sum_meter=1.03 * true.sum(axis=0)))
        assert int(np.nanargmax(found.strength)) == BAD

    def test_without_a_sum_meter_nothing_is_said(self) -> None:
        assert np.isnan(district_loss.measure(some_curves(some_homes())).strength).all()

    def test_days_on_which_members_are_missing_are_left_out_and_too_few_days_say_nothing(self) -> None:
        energy = some_homes()
        curves = some_curves(energy, sum_meter=1.03 * energy.sum(axis=0))
        curves.usable[:5, 15:] = False
        assert np.isnan(district_loss.measure(curves).strength).all()


def test_a_home_of_which_too_few_days_are_known_is_not_suspected_of_anything() -> None:
    curves = some_curves(falsified(lambda days: 0 * days))
    curves.usable[BAD] = False
    found = measured(curves)
    strengths = {code: one.strength for code, one in found.items()}
    norms = norms_of(strengths)
    said = {code: unusual(strength, norms.get(code))[BAD] for code, strength in strengths.items()}
    assert {code for code, value in said.items() if value > 0} == set()


def test_days_without_a_curve_speak_of_how_much_and_never_of_when() -> None:
    energy = falsified(lambda days: 0.4 * days)
    energy[:] = energy.mean(axis=2, keepdims=True)
    curves = some_curves(energy, sum_meter=1.03 * some_homes().sum(axis=0))
    curves.shaped[:] = False
    found = measured(curves)
    assert int(np.nanargmax(found["step"].strength)) == BAD
    for code in ("flat", "cap", "scaling", "turned", "night", "zero_hours", "district_loss"):
        assert not (np.nan_to_num(found[code].strength) > 0).any(), code
