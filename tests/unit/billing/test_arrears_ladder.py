"""The reminder ladder: which step falls on which day, and that nobody is reminded twice in one day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.arrears.model import (
    Debt,
    class_of,
    climb,
    debt_of,
    one_back,
    parked,
    restarted,
    supply_class,
    unparked,
)
from gridhall.billing.arrears.policies import PolicyFileError, Stage, SupplyClass, policies, policy, read_policies
from gridhall.billing.bills.model import BillStatus
from gridhall.billing.regions import regions
from gridhall.billing.tariffs import catalogue
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill

DUE = date(2026, 11, 21)


def debt(region: str = "zhejiang") -> Debt:
    owed = debt_of(a_bill(an_account(region=region), "2026-10", due_on=DUE))
    assert owed
    return owed


def day(offset: int) -> date:
    return DUE + timedelta(days=offset)


def climbed(one: Debt, offsets: range) -> list[tuple[Stage, int]]:
    """What is reminded of on which day after the due date, where the scan runs on all of them."""
    taken = []
    for offset in offsets:
        if one.next_on is not None and one.next_on <= day(offset):
            stage, one = climb(one, today=day(offset))
            if stage:
                taken.append((stage, offset))
    return taken


def test_the_first_step_of_a_bill_is_three_days_before_it_is_due_in_zhejiang_and_five_in_shaanxi() -> None:
    assert debt().next_on == day(-3)
    assert debt("shaanxi").next_on == day(-5)


def test_a_paid_or_held_bill_is_no_debt_and_a_region_without_a_policy_reminds_nobody() -> None:
    account = an_account()
    assert debt_of(a_bill(account, "2026-10", status=BillStatus.PAID)) is None
    assert debt_of(a_bill(account, "2026-10", status=BillStatus.HELD)) is None
    assert debt("nowhere").next_on is None


def test_climbing_day_by_day_takes_every_step_once() -> None:
    assert climbed(debt(), range(-10, 60)) == [
        (Stage.SOON_DUE, -3),
        (Stage.DUE_TODAY, 0),
        (Stage.OVERDUE, 3),
        (Stage.OVERDUE_AGAIN, 10),
        (Stage.OVERDUE_LAST, 20),
        (Stage.NOTICE, 30),
    ]


def test_the_day_after_the_due_date_is_looked_at_without_a_word_to_the_customer() -> None:
    _, waiting = climb(debt(), today=DUE)
    assert waiting.next_on == day(1)
    stage, waiting = climb(waiting, today=day(1))
    assert (stage, waiting.next_on) == (None, day(3))


@given(offsets=st.lists(st.integers(-10, 60), unique=True, max_size=20).map(sorted))
def test_whatever_days_the_scan_runs_on_stages_only_rise_and_the_ladder_ends(offsets: list[int]) -> None:
    one, taken = debt(), []
    for offset in offsets:
        if one.next_on is not None and one.next_on <= day(offset):
            stage, one = climb(one, today=day(offset))
            taken += [list(Stage).index(stage)] if stage else []
            assert one.next_on is None or one.next_on > day(offset)
    assert taken == sorted(set(taken))


def test_a_scan_that_was_missed_for_a_month_sends_only_the_last_step() -> None:
    stage, following = climb(debt(), today=day(40))
    assert stage is Stage.NOTICE
    assert climbed(following, range(40, 200)) == []


def test_a_ladder_begun_anew_starts_tomorrow_with_the_first_step_after_the_due_date() -> None:
    _, late = climb(debt(), today=day(20))
    assert climbed(restarted(late, today=day(20)), range(20, 60)) == [
        (Stage.OVERDUE, 21),
        (Stage.OVERDUE_AGAIN, 28),
        (Stage.OVERDUE_LAST, 38),
        (Stage.NOTICE, 48),
    ]


def test_a_broken_promise_repeats_the_last_reminder_tomorrow_and_goes_on_from_there() -> None:
    _, late = climb(debt(), today=day(10))
    back = one_back(parked(late), today=day(25))
    assert climbed(back, range(25, 60)) == [
        (Stage.OVERDUE_AGAIN, 26),
        (Stage.OVERDUE_LAST, 36),
        (Stage.NOTICE, 46),
    ]


def test_a_hold_that_ends_goes_on_where_the_ladder_stood() -> None:
    _, late = climb(debt(), today=day(10))
    assert unparked(parked(late), today=day(15)).next_on == day(20)
    assert unparked(parked(late), today=day(25)).next_on == day(26)


@pytest.mark.parametrize("region", sorted(regions()))
def test_every_region_that_is_served_has_a_policy_for_either_class_with_its_source(region: str) -> None:
    for of_class in SupplyClass:
        rules = policy(region, of_class, on=DUE)
        assert rules
        assert rules.legal_source
        assert rules.status == "background"
        assert policy(region, of_class, on=date(2020, 12, 31)) is None


def test_the_nine_regions_of_the_tariffs_have_policies() -> None:
    nine = {"zhejiang", "sichuan", "shaanxi", "guangzhou", "shenzhen", "beijing", "hunan", "shanghai", "jiangsu"}
    assert {region for region, _ in policies()} >= nine


def test_whom_a_tariff_supplies_decides_the_class_whatever_its_code_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert supply_class("zhejiang-residential-tou") is SupplyClass.RESIDENTIAL
    assert supply_class("guangzhou-residential-shared") is SupplyClass.RESIDENTIAL
    monkeypatch.setattr(catalogue, "_known", {"zj-1": replace(catalogue.tariff("zhejiang-residential"), code="zj-1")})
    assert supply_class("zj-1") is SupplyClass.RESIDENTIAL


def test_a_tariff_that_nobody_knows_says_itself_whom_it_supplies() -> None:
    assert supply_class("zhejiang-residential-of-old") is SupplyClass.RESIDENTIAL
    assert supply_class("zhejiang-commercial") is SupplyClass.OTHER


def test_the_bill_of_a_supplier_whose_tariff_nobody_knows_is_followed_as_that_of_a_home() -> None:
    assert supply_class("") is SupplyClass.RESIDENTIAL


def test_an_account_without_a_tariff_is_treated_as_a_home() -> None:
    account = an_account(1)
    assert class_of(account, today=date(2026, 10, 1)) is SupplyClass.RESIDENTIAL
    assert class_of(replace(account, tariffs=()), today=date(2026, 10, 1)) is SupplyClass.RESIDENTIAL


def test_a_policy_harsher_than_the_law_is_refused_by_its_field() -> None:
    row = next(iter(policies().values()))[0]
    text = f"""
[[policy]]
regions = ["somewhere"]
classes = ["residential"]
effective_from = 2026-01-01
status = "background"
legal_source = "{row.legal_source[:20]}"
steps = []
fee_this_year = "1"
fee_earlier_years = "1"
fee_pauses = []
statement_day = 1
cut_after_days = 29
notice_days = 7
last_call_minutes = 60
cut_hours = [9, 16]
restore_hours = 24
allocation = "penalty_last"
restart_on_part_payment = false
promise_days = 10
promises_a_year = 3
plan_rates = 6
"""
    with pytest.raises(PolicyFileError, match=r"policy.0.cut_after_days"):
        read_policies(text)
    assert read_policies(text.replace("= 29", "= 30"))
