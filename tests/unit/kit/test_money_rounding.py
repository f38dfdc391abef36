from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.kit.money import round_to_fen, yuan


def half_up(exact: Fraction) -> int:
    """The schoolbook's rounding: half away from zero."""
    whole = floor(abs(exact) * 100 + Fraction(1, 2))
    return whole if exact >= 0 else -whole


@given(st.decimals(-(10**9), 10**9, places=11))
def test_an_amount_is_rounded_as_the_schoolbook_says(amount: Decimal) -> None:
    assert round_to_fen(amount) == half_up(Fraction(amount))


@given(st.integers(-(10**9), 10**9), st.integers(1, 24))
def test_a_half_is_rounded_away_from_zero_however_it_is_written(fen: int, zeros: int) -> None:
    half = (Decimal(2 * fen + 1) / 200).quantize(Decimal("0.001"))
    written = Decimal(f"{half}{'0' * min(zeros, 12)}")
    assert round_to_fen(written) == half_up(Fraction(written))


def test_a_hair_below_the_half_is_rounded_down() -> None:
    assert round_to_fen(Decimal("0.00499999999999999999999999999999999")) == 0


@given(st.integers(-(10**12), 10**12))
def test_fen_to_yuan_and_back_is_the_same(fen: int) -> None:
    assert round_to_fen(yuan(fen)) == fen


@pytest.mark.parametrize(("fen", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (36490, "364.90")])
def test_yuan_always_has_two_decimals(fen: int, text: str) -> None:
    assert str(yuan(fen)) == text
