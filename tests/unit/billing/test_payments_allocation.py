"""How money spreads over bills and penalties, and out of what it goes where it is taken back."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.arrears.policies import Allocation
from gridhall.billing.bills.model import Bill, BillId, BillStatus, after_payment
from gridhall.billing.payments.model import Place, allocate, unwind
from gridhall.kit.money import Fen
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill

ACCOUNT = an_account()
ISSUED = a_bill(ACCOUNT, "2026-01", 100)


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    total = draw(st.integers(0, 10_000))
    paid = draw(st.integers(0, total))
    status = BillStatus.PAID if paid == total else BillStatus.PART_PAID if paid else BillStatus.ISSUED
    return replace(ISSUED, id=BillId(draw(st.uuids())), total=Fen(total), paid=Fen(paid), status=status)


@given(st.integers(1, 40_000), st.lists(bills(), max_size=5))
def test_every_fen_goes_to_a_bill_or_is_put_by(amount: int, owing: list[Bill]) -> None:
    told = allocate(Fen(amount), owing)
    shares = told.shares
    assert told.to_bills + told.rest == amount
    assert told.rest == max(0, amount - sum(bill.owed for bill in owing))
    assert all(0 < share.amount <= share.bill.owed for share in shares)


@given(st.integers(1, 40_000), st.lists(bills(), max_size=5))
def test_a_bill_is_filled_before_the_next_gets_anything(amount: int, owing: list[Bill]) -> None:
    shares = allocate(Fen(amount), owing).shares
    assert all(share.amount == share.bill.owed for share in shares[:-1])
    payable = [bill for bill in owing if bill.owed]
    assert [share.bill for share in shares] == payable[: len(shares)]


@given(bills(), st.data())
def test_a_bill_is_paid_exactly_when_nothing_of_it_is_owed(bill: Bill, data: st.DataObject) -> None:
    paid, status = after_payment(bill, Fen(data.draw(st.integers(0, bill.total - bill.paid))))
    after = replace(bill, paid=paid, status=status)
    assert (after.status is BillStatus.PAID) == (after.owed == 0)
    assert after.owed == bill.total - paid


@given(st.integers(1, 40_000), st.lists(bills(), max_size=4), st.sampled_from(Allocation), st.data())
def test_penalties_are_paid_in_the_order_that_the_policy_writes(
    amount: int, owing: list[Bill], order: Allocation, data: st.DataObject
) -> None:
    penalties = {bill.id: Fen(data.draw(st.integers(1, 500))) for bill in owing}
    told = allocate(Fen(amount), owing, penalties=penalties, order=order)
    assert told.to_bills + told.to_penalties + told.rest == amount
    assert all(part <= penalties[bill_id] for bill_id, part in told.penalties.items())
    if order is Allocation.PENALTY_LAST and told.penalties:
        assert told.to_bills == sum(bill.owed for bill in owing)
    if order is Allocation.BILL_BY_BILL:
        for earlier, later in pairwise(owing):
            if any(share.bill.id == later.id for share in told.shares):
                assert told.penalties.get(earlier.id) == penalties[earlier.id]


def test_a_held_bill_is_not_owed() -> None:
    assert replace(ISSUED, status=BillStatus.HELD).owed == 0


@given(st.integers(1, 40_000), st.lists(bills(), max_size=5), st.sampled_from(Allocation), st.data())
def test_money_taken_back_leaves_what_other_money_paid_and_goes_out_of_its_own_first(
    amount: int, paid: list[Bill], order: Allocation, data: st.DataObject
) -> None:
    penalties = {bill.id: Fen(data.draw(st.integers(1, 500))) for bill in paid}
    there = {Place(bill.id): bill.paid for bill in paid}
    there |= {Place(bill_id, penalty=True): fen for bill_id, fen in penalties.items()}
    others = {place: Fen(data.draw(st.integers(0, fen))) for place, fen in there.items()}
    own = {place for place in there if data.draw(st.booleans())}
    told = unwind(Fen(amount), paid, penalties=penalties, order=order, own=own, others=others)
    free = {place: fen - others[place] for place, fen in there.items()}
    assert told.to_bills + told.to_penalties + told.rest == amount
    assert told.rest == max(0, amount - sum(free.values()))
    assert all(0 < fen <= free[place] for place, fen in told.places.items())
    if any(place not in own for place in told.places):
        assert all(told.places.get(place, 0) == free[place] for place in own)
