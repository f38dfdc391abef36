"""What a reminder says when it is sent: what is owed then, and never what was settled."""

from dataclasses import replace
from datetime import date, timedelta

from gridhall.billing.arrears.queries import Owed
from gridhall.kit.money import Fen
from gridhall.notifications.catalogue import ArrearsReminder
from gridhall.notifications.catalogue.arrears_reminder import OVERDUE, SOON
from gridhall.notifications.triggers.arrears import as_it_stands

DUE = date(2026, 11, 21)
LATE = replace(ArrearsReminder.example(), variant=OVERDUE, due_on=DUE)
EARLY = replace(LATE, variant=SOON)


def owed(total: int, *, overdue: int, oldest_due: date | None) -> Owed:
    return Owed(Fen(total), Fen(overdue), bills=2, overdue_bills=1, oldest_due=oldest_due, paying_until=None)


def test_where_nothing_is_owed_nothing_is_said() -> None:
    assert as_it_stands(LATE, owed(0, overdue=0, oldest_due=None)) is None


def test_a_new_bill_is_not_called_overdue() -> None:
    assert as_it_stands(LATE, owed(500, overdue=0, oldest_due=DUE + timedelta(days=30))) is None


def test_nobody_is_asked_early_for_the_next_bill() -> None:
    assert as_it_stands(EARLY, owed(500, overdue=0, oldest_due=DUE + timedelta(days=30))) is None


def test_a_bill_that_is_due_soon_is_named_with_what_is_owed_now() -> None:
    assert as_it_stands(EARLY, owed(500, overdue=0, oldest_due=DUE)) == replace(EARLY, amount=500, bills=2)


def test_nobody_is_asked_to_pay_before_a_day_that_has_passed() -> None:
    fresh = as_it_stands(EARLY, owed(900, overdue=400, oldest_due=DUE - timedelta(days=30)))
    assert fresh == replace(LATE, amount=400, bills=1, due_on=DUE - timedelta(days=30))
