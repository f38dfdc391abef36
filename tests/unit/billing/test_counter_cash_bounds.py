"""How much cash is taken over a counter in one piece."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.counter.model import DENOMINATIONS, MOST_CASH, good_cash, worth
from gridhall.kit.subject import Refusal


@pytest.mark.parametrize("fen", [1, MOST_CASH])
def test_cash_within_the_bounds_is_taken(fen: int) -> None:
    assert good_cash(fen, field="fen", least=1) == fen


@pytest.mark.parametrize("fen", [-1, 0, MOST_CASH + 1])
def test_other_cash_is_refused_with_the_bounds(fen: int) -> None:
    bounds = {"field": "fen", "least": 1, "most": MOST_CASH}
    assert good_cash(fen, field="fen", least=1) == Refusal("input.bad_amount", bounds)


def test_a_shift_may_begin_without_change() -> None:
    assert good_cash(0, field="floatFen", least=0) == 0


@given(st.integers(1, MOST_CASH))
def test_whatever_may_be_taken_can_be_counted(fen: int) -> None:
    counted, rest = {}, fen
    for denomination in DENOMINATIONS:
        counted[denomination], rest = divmod(rest, denomination)
    assert worth(counted) == fen
