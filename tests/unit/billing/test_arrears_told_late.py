"""Lowering a penalty by what days cost that the money did not deserve: the ledger and the debt stay at one."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.arrears.model import Debt
from gridhall.billing.arrears.penalty import GRAINS, Charge, Penalty, through
from gridhall.billing.arrears.taking_back import Lowered
from gridhall.billing.arrears.told_late import Came, lowered_since, outstanding_on
from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen
from tests.factories.arrears import DUE, a_debt

A_DAY = GRAINS // 1000
"""What a day costs a fen at 1‰."""


def a_late_debt(owed: int, *, days: int, paid: int = 0, waived: int = 0) -> Debt:
    ran = Days(through(DUE), through(DUE) + timedelta(days=days))
    penalty = Penalty(ran.end, (Charge(ran, Fen(owed), A_DAY),) if days else ())
    return a_debt(owed, penalty=replace(penalty, posted=penalty.total, paid=Fen(paid), waived=Fen(waived)))


def told(before: Debt, owed: int, *, since: int) -> Lowered | None:
    """What becomes of a debt of which so much is left, if the money came so many days before what is reckoned."""
    after = replace(before, owed=Fen(owed))
    came = Came(before.penalty.until - timedelta(days=since + 1), "bank:1")
    return lowered_since([before], [after], came).get(before.bill_id)


def booked(penalty: Penalty) -> int:
    return penalty.posted - penalty.paid - penalty.waived


def test_what_was_paid_of_it_comes_back_and_what_was_let_off_is_not_let_off_twice() -> None:
    before = a_late_debt(100_000, days=10, paid=300, waived=100)
    assert outstanding_on(before, DUE + timedelta(days=6)) == 200
    found = told(before, 0, since=8)
    assert found is not None
    assert (found.let_off, found.to_prepaid) == (600, 200)
    assert (found.debt.penalty.posted, found.debt.penalty.paid, found.debt.penalty.waived) == (200, 100, 100)


@given(
    owed=st.integers(1, 10**7),
    days=st.integers(0, 400),
    since=st.integers(0, 400),
    share=st.floats(0, 1),
    gone=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_the_book_of_penalties_moves_by_what_is_let_off_and_no_fen_is_lost(
    owed: int, days: int, since: int, share: float, gone: tuple[float, float]
) -> None:
    total = a_late_debt(owed, days=days).penalty.total
    paid = int(total * gone[0])
    before = a_late_debt(owed, days=days, paid=paid, waived=int((total - paid) * gone[1]))
    found = told(before, owed - int(owed * share), since=since)
    if found is None:
        return
    penalty = found.debt.penalty
    assert penalty.unposted == 0
    assert booked(penalty) == booked(before.penalty) - found.let_off >= 0
    assert penalty.paid == paid - found.to_prepaid
    assert 0 <= penalty.waived <= before.penalty.waived
    assert found.let_off >= 0
    assert found.to_prepaid >= 0
