"""A supplier's bill beside ours: what agrees agrees, and every difference is said once, with both sides."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.bills.charges import Charge, ChargeKind
from gridhall.billing.shadow.comparing import Tolerance, compare, tolerance_of
from gridhall.billing.shadow.model import Verdict
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill

OURS = a_bill(an_account(tariff="zhejiang-residential-tou"), "2026-10", {"peak": 377, "valley": 410}, used_before=2627)
EXACT = Tolerance(line_fen=0, total_fen=0)


def test_the_same_bill_is_verified() -> None:
    assert compare(replace(OURS, number="SAP-1"), OURS, tolerance=EXACT).verdict is Verdict.VERIFIED


@given(line=st.integers(0, 2), fen=st.integers(-500, 500))
def test_money_beyond_the_tolerance_is_always_seen_and_within_it_never(line: int, fen: int) -> None:
    lines = list(OURS.lines)
    lines[line] = replace(lines[line], amount=Fen(lines[line].amount + fen))
    theirs = replace(OURS, lines=tuple(lines), total=Fen(OURS.total + fen))
    found = compare(theirs, OURS, tolerance=Tolerance(line_fen=100, total_fen=100))
    assert {one.what for one in found.differences} == ({"line.amount", "total"} if abs(fen) > 100 else set())


def test_a_tier_that_only_one_side_reached_is_a_line_that_the_other_lacks() -> None:
    theirs = replace(OURS, lines=OURS.lines[:2], total=Fen(sum(line.amount for line in OURS.lines[:2])))
    found = compare(theirs, OURS, tolerance=EXACT)
    seen = {(one.what, one.where): (one.theirs, one.ours) for one in found.differences}
    assert seen["line.kwh", "surcharge total tier 2"] == (None, "654")
    assert seen["line.amount", "surcharge total tier 2"] == (None, "32.70")
    assert ("total", "") in seen


def test_a_line_that_was_cut_in_two_by_days_is_one_line() -> None:
    first = OURS.lines[0]
    halves = (
        replace(first, kwh=Decimal(200), amount=Fen(11_360)),
        replace(first, kwh=Decimal(177), amount=Fen(10_054)),
    )
    theirs = replace(OURS, lines=(*halves, *OURS.lines[1:]))
    assert compare(theirs, OURS, tolerance=EXACT).verdict is Verdict.VERIFIED


def test_other_days_another_register_and_another_multiplier_are_each_said() -> None:
    row = replace(OURS.registers[0], multiplier=40, closing=Decimal(1400))
    theirs = replace(
        OURS, days=Days(OURS.days.start, OURS.days.end.replace(day=2)), registers=(row, *OURS.registers[1:])
    )
    whats = [one.what for one in compare(theirs, OURS, tolerance=EXACT).differences]
    assert whats == ["days", "register.closing", "register.multiplier"]


def test_charges_beside_energy_are_not_calculated_and_the_energy_is_compared_all_the_same() -> None:
    charge = Charge(ChargeKind.CAPACITY, "容量电费", Fen(100_000))
    theirs = replace(OURS, charges=(charge,), total=Fen(OURS.total + 100_000))
    assert compare(theirs, OURS, tolerance=EXACT).verdict is Verdict.NOT_CALCULATED
    assert compare(theirs, Waiting("no_single_tariff"), tolerance=EXACT).why == "two_part_tariff"
    wrong = replace(theirs, lines=(replace(OURS.lines[0], kwh=Decimal(300)), *OURS.lines[1:]))
    assert compare(wrong, OURS, tolerance=EXACT).verdict is Verdict.DIFFERS


def test_what_is_missing_is_named() -> None:
    found = compare(OURS, Waiting("no_register_read"), tolerance=EXACT)
    assert (found.verdict, found.why) == (Verdict.NOT_COMPUTED, "no_register_read")


def test_a_setting_changes_the_tolerance_that_it_names_and_no_other() -> None:
    assert tolerance_of({"line_fen": Decimal(5)}) == replace(Tolerance(), line_fen=5)
    for wrong in ({"lines": Decimal(1)}, {"kwh": Decimal(-1)}):
        with pytest.raises(ValueError, match=r"shadow_tolerances: .* must be one of shown"):
            tolerance_of(wrong)
