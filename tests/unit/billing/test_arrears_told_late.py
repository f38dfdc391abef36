"""Lowering a penalty by what days cost that the money did not deserve: the ledger and the debt stay at one."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.model import Debt
from gridhall.billing.arrears.penalty import GRAINS, Penalty
from gridhall.billing.arrears.policies import SupplyClass
from gridhall.billing.arrears.told_late import lowered, outstanding_before
from gridhall.billing.bills.model import BillId
from gridhall.kit.money import Fen

DUE = date(2026, 9, 21)
A_DAY = GRAINS // 1000
"""What a day costs a fen at 1‰."""


def a_debt(owed: int, *, days: int, paid: int = 0, waived: int = 0) -> Debt:
    penalty = Penalty(date(2026, 9, 22), A_DAY * days * owed)
    booked = replace(penalty, posted=penalty.total, paid=Fen(paid), waived=Fen(waived))
    return Debt(
        bill_id=BillId(UUID(int=1)),
        account_id=AccountId(UUID(int=2)),
        region="zhejiang",
        org_path="grid",
        supply_class=SupplyClass.RESIDENTIAL,
        due_on=DUE,
        owed=Fen(owed),
        ladder_from=DUE,
        next_on=None,
        penalty=booked,
    )


def booked(penalty: Penalty) -> int:
    return penalty.posted - penalty.paid - penalty.waived


def test_what_was_paid_of_it_comes_back_and_what_was_let_off_is_not_let_off_twice() -> None:
    before = a_debt(100_000, days=10, paid=300, waived=100)
    assert outstanding_before(before, 4 * A_DAY) == 200
    found = lowered(before, replace(before, owed=Fen(0)), 8 * A_DAY)
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
    total = a_debt(owed, days=days).penalty.total
    paid = int(total * gone[0])
    before = a_debt(owed, days=days, paid=paid, waived=int((total - paid) * gone[1]))
    after = replace(before, owed=Fen(owed - int(owed * share)))
    found = lowered(before, after, min(since, days) * A_DAY)
    if found is None:
        return
    penalty = found.debt.penalty
    assert penalty.unposted == 0
    assert booked(penalty) == booked(before.penalty) - found.let_off >= 0
    assert penalty.paid == paid - found.to_prepaid
    assert 0 <= penalty.waived <= before.penalty.waived
    assert found.let_off >= 0
    assert found.to_prepaid >= 0
