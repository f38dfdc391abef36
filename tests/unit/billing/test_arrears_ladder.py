"""The reminder ladder: which step falls on which day, and that nobody is reminded twice in one day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.arrears.model import climb, first_reminder
from gridhall.billing.arrears.policies import Stage, policy
from gridhall.billing.bills.model import BillStatus
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill

DUE = date(2026, 11, 21)


def row(region: str = "zhejiang"):  # type: ignore[no-untyped-def] # noqa: ANN201 - a reminder
    reminder = first_reminder(a_bill(an_account(region=region), "2026-10", due_on=DUE))
    assert reminder
    return reminder


def test_the_first_step_of_a_bill_is_three_days_before_it_is_due_in_zhejiang_and_five_in_shaanxi() -> None:
    assert row().next_on == DUE - timedelta(days=3)
    assert row("shaanxi").next_on == DUE - timedelta(days=5)


def test_a_paid_or_held_bill_and_a_region_without_a_ladder_remind_nobody() -> None:
    account = an_account()
    assert first_reminder(a_bill(account, "2026-10", status=BillStatus.PAID)) is None
    assert first_reminder(a_bill(account, "2026-10", status=BillStatus.HELD)) is None
    assert first_reminder(a_bill(an_account(region="nowhere"), "2026-10")) is None


def test_climbing_day_by_day_takes_every_step_once() -> None:
    reminder, taken = row(), []
    for offset in range(-10, 40):
        today = DUE + timedelta(days=offset)
        if reminder is not None and reminder.next_on <= today:
            stage, reminder = climb(reminder, today=today)
            taken.append((stage, offset))
    assert taken == [
        (Stage.SOON_DUE, -3),
        (Stage.DUE_TODAY, 0),
        (Stage.OVERDUE, 3),
        (Stage.OVERDUE_AGAIN, 10),
        (Stage.OVERDUE_LAST, 20),
    ]


@given(offsets=st.lists(st.integers(-10, 60), unique=True, max_size=20).map(sorted))
def test_whatever_days_the_scan_runs_on_stages_only_rise_and_the_ladder_ends(offsets: list[int]) -> None:
    reminder, taken = row(), []
    for offset in offsets:
        today = DUE + timedelta(days=offset)
        if reminder is not None and reminder.next_on <= today:
            stage, reminder = climb(reminder, today=today)
            taken.append(list(Stage).index(stage))
            assert reminder is None or reminder.next_on > today
    assert taken == sorted(set(taken))


def test_a_scan_that_was_missed_for_a_month_sends_only_the_last_step() -> None:
    stage, following = climb(row(), today=DUE + timedelta(days=30))
    assert (stage, following) == (Stage.OVERDUE_LAST, None)


@pytest.mark.parametrize("region", ["zhejiang", "shaanxi"])
def test_a_policy_says_where_it_comes_from_and_how_sure_that_is(region: str) -> None:
    ladder = policy(region, on=DUE)
    assert ladder
    assert ladder.legal_source
    assert ladder.status == "background"
    assert policy(region, on=date(2020, 12, 31)) is None
