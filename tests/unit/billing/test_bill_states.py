"""Every state of a bill by every move: what leads where, and what there is not."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gridhall.billing.bills.model import Bill, BillStatus, Step, after_payment
from gridhall.billing.bills.states import MOVES, Move, WrongMoveError, after, moved
from gridhall.kit.money import Fen
from tests.factories.accounts import an_account
from tests.factories.bills import MADE_AT, a_bill

DRAFT, VERIFIED, HELD, ISSUED, PART_PAID, PAID, REJECTED, CANCELLED, WRITTEN_OFF = BillStatus

TABLE = {
    (DRAFT, Move.VERIFY): VERIFIED,
    (VERIFIED, Move.HOLD): HELD,
    (VERIFIED, Move.ISSUE): ISSUED,
    (HELD, Move.ISSUE): ISSUED,
    (HELD, Move.REJECT): REJECTED,
    (ISSUED, Move.PAY_PART): PART_PAID,
    (ISSUED, Move.PAY_ALL): PAID,
    (ISSUED, Move.CANCEL): CANCELLED,
    (ISSUED, Move.GIVE_UP): WRITTEN_OFF,
    (PART_PAID, Move.GIVE_UP): WRITTEN_OFF,
    (PART_PAID, Move.PAY_PART): PART_PAID,
    (PART_PAID, Move.PAY_ALL): PAID,
    (PART_PAID, Move.TAKE_BACK_PART): PART_PAID,
    (PART_PAID, Move.TAKE_BACK_ALL): ISSUED,
    (PART_PAID, Move.CANCEL): CANCELLED,
    (PAID, Move.TAKE_BACK_PART): PART_PAID,
    (PAID, Move.TAKE_BACK_ALL): ISSUED,
    (PAID, Move.CANCEL): CANCELLED,
}
EVERY = [(status, move) for status in BillStatus for move in Move]
OF_MONEY = {
    Move.PAY_PART: lambda bill: (bill.total - bill.paid) // 2,
    Move.PAY_ALL: lambda bill: bill.total - bill.paid,
    Move.TAKE_BACK_PART: lambda bill: -(bill.paid // 2),
    Move.TAKE_BACK_ALL: lambda bill: -bill.paid,
}


def a_bill_that_is(status: BillStatus) -> Bill:
    bill = a_bill(an_account(), "2026-01", status=status)
    paid = {PART_PAID: bill.total // 3, PAID: bill.total}.get(status, 0)
    return replace(bill, paid=Fen(paid))


def test_there_is_a_row_of_every_state() -> None:
    assert MOVES.keys() == set(BillStatus)
    assert {(status, move): to for status, moves in MOVES.items() for move, to in moves.items()} == TABLE


@pytest.mark.parametrize(("status", "move"), EVERY)
def test_every_move_from_every_state_leads_where_the_table_says_or_nowhere(status: BillStatus, move: Move) -> None:
    if (status, move) in TABLE:
        assert after(status, move) is TABLE[(status, move)]
        return
    with pytest.raises(WrongMoveError, match=f"a bill that is {status} cannot {move}"):
        after(status, move)


@pytest.mark.parametrize(("status", "move"), [pair for pair in TABLE if pair[1] in OF_MONEY])
def test_money_moves_a_bill_as_the_table_says(status: BillStatus, move: Move) -> None:
    bill = a_bill_that_is(status)
    assert after_payment(bill, Fen(OF_MONEY[move](bill)))[1] is TABLE[(status, move)]


def test_the_trail_keeps_who_brought_it_where_and_when() -> None:
    bill = a_bill_that_is(DRAFT)
    later = MADE_AT + timedelta(hours=1)
    held = moved(moved(bill, Move.VERIFY, at=MADE_AT, by="bill-run"), Move.HOLD, at=MADE_AT, by="bill-run")
    out = moved(held, Move.ISSUE, at=later, by="Li Na")
    assert out.trail == (
        Step(VERIFIED, MADE_AT, "bill-run"),
        Step(HELD, MADE_AT, "bill-run"),
        Step(ISSUED, later, "Li Na"),
    )


@pytest.mark.parametrize("status", BillStatus)
def test_a_bill_is_overdue_when_its_day_is_over_and_money_is_still_asked_for(status: BillStatus) -> None:
    bill = a_bill_that_is(status)
    due_on = date(2026, 11, 21)
    bill = replace(bill, due_on=due_on)
    assert not bill.overdue(due_on)
    assert bill.overdue(due_on + timedelta(days=1)) is (status in {ISSUED, PART_PAID})


@pytest.mark.parametrize("status", BillStatus)
def test_a_state_is_shown_payable_and_counts_as_a_person_would_expect(status: BillStatus) -> None:
    assert status.shown is (status in {ISSUED, PART_PAID, PAID, CANCELLED, WRITTEN_OFF})
    assert status.payable is (status in {ISSUED, PART_PAID})
    assert status.counts is (status not in {REJECTED, CANCELLED})
