from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.kit.quantity import QuantityError, from_scaled, to_scaled

scales = st.integers(0, 6)


@given(st.integers(-(10**17), 10**17), scales)
def test_a_count_survives_being_written_and_read(count: int, scale: int) -> None:
    written = from_scaled(count, scale=scale)
    assert to_scaled(written, scale=scale) == count
    assert to_scaled(str(written), scale=scale) == count


@given(st.decimals(-(10**9), 10**9, places=6))
def test_nothing_is_lost_at_the_scale_of_the_number(number: Decimal) -> None:
    assert from_scaled(to_scaled(number, scale=6), scale=6) == number


def test_trailing_zeros_are_not_finer() -> None:
    assert to_scaled("1.20000000000000000000000000000000000", scale=1) == 12


@pytest.mark.parametrize("text", ["1.0001", "0.00000000000001", "1.00000000000000000000000000000000001"])
def test_what_is_finer_than_the_scale_is_refused_and_never_rounded(text: str) -> None:
    with pytest.raises(QuantityError, match="finer than 3 decimals"):
        to_scaled(text, scale=3)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_what_is_no_finite_number_is_refused(text: str) -> None:
    with pytest.raises(QuantityError, match="finite"):
        to_scaled(text, scale=3)


@pytest.mark.parametrize("text", ["", "-", "—", "1,5", "0x10", "eleven", "1 2", "1_000"])
def test_what_is_no_plain_decimal_number_is_refused(text: str) -> None:
    with pytest.raises(QuantityError, match="not a decimal number"):
        to_scaled(text, scale=3)


@pytest.mark.parametrize("text", ["1000000000000000000", "1e18", "1e999999", "1e-999999"])
def test_more_than_eighteen_digits_are_refused(text: str) -> None:
    with pytest.raises(QuantityError, match="more than 18 digits"):
        to_scaled(text, scale=0)


def test_eighteen_digits_are_taken() -> None:
    assert to_scaled("999999999999999999", scale=0) == 10**18 - 1


def test_an_error_repeats_no_more_than_forty_characters() -> None:
    with pytest.raises(QuantityError) as error:
        to_scaled("x" * 1000, scale=3)
    assert len(str(error.value)) < 100
