"""Forecasts: priced by the engine that prices bills, in the tiers, and over the end of a cycle."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.accounts.model import Term
from gridhall.billing.forecasts.balance import balance_ahead
from gridhall.billing.forecasts.bill import forecast_bill
from gridhall.billing.forecasts.model import UsedSoFar
from gridhall.billing.forecasts.queries import by_periods, running_month
from gridhall.billing.forecasts.tier import tier_ahead
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.engine import quote
from gridhall.billing.tariffs.stretches import priced, stretches
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen
from gridhall.metering.load.expectation import Expectation, expect
from gridhall.metering.load.projection import project
from tests.factories.accounts import an_account
from tests.factories.loads import used_each

ZONE = "Asia/Shanghai"
TODAY = date(2026, 11, 16)
NOVEMBER = Month(2026, 11)
FLAT = catalogue.version("zhejiang-residential", on=TODAY)
TOU = catalogue.version("zhejiang-residential-tou", on=TODAY)
USED = used_each(Days(date(2026, 9, 1), TODAY), lambda _: 8000)
"""8 kWh on every day."""

SHARES = {"peak": Decimal("0.6"), "valley": Decimal("0.4")}


@pytest.fixture
def steady() -> Expectation:
    found = expect(USED, today=TODAY, zone=ZONE)
    assert isinstance(found, Expectation)
    return found


def test_a_steady_home_gets_the_bill_of_30_equal_days(steady: Expectation) -> None:
    projection = project(steady, used=USED, days=NOVEMBER.days, scale=3)
    half = {"peak": Decimal(72), "valley": Decimal(48)}
    so_far = UsedSoFar(Decimal(2700), half, SHARES)
    bill = forecast_bill(projection, so_far=so_far, version=TOU, on_month=NOVEMBER)
    whole = {"peak": Decimal(144), "valley": Decimal(96)}
    assert bill.likely == quote(TOU, on_month=NOVEMBER, used=whole, used_before=Decimal(2700)).total
    assert bill.so_far == quote(TOU, on_month=NOVEMBER, used=half, used_before=Decimal(2700)).total
    assert bill.so_far < bill.low < bill.likely < bill.high


def test_the_next_tier_comes_on_the_day_that_uses_its_first_kwh(steady: Expectation) -> None:
    year = Days(date(2026, 1, 1), date(2027, 1, 1))
    found = tier_ahead(steady, tiers=FLAT.tiers_in(11), used=Decimal(2760 - 80), cycle=year, scale=3)
    assert found
    assert (found.tier, found.starts_at, found.used) == (2, 2760, 2680)
    assert found.likely_on == date(2026, 11, 26)  # the first ten days use what is left
    assert found.earliest
    assert found.latest
    assert found.earliest <= found.likely_on <= found.latest


def test_a_tier_that_the_cycle_does_not_reach_has_no_day_and_the_top_one_has_no_next(steady: Expectation) -> None:
    year = Days(date(2026, 1, 1), date(2027, 1, 1))
    far = tier_ahead(steady, tiers=FLAT.tiers_in(11), used=Decimal(100), cycle=year, scale=3)
    assert far
    assert (far.likely_on, far.earliest, far.latest) == (None, None, None)
    assert tier_ahead(steady, tiers=FLAT.tiers_in(11), used=Decimal(5000), cycle=year, scale=3) is None


def test_what_is_used_in_the_season_of_electric_heating_brings_no_tier_nearer(steady: Expectation) -> None:
    """Of 48 kWh that are left, the last days of November use none, and those from December on do."""
    year = Days(date(2026, 1, 1), date(2027, 1, 1))
    found = tier_ahead(
        steady, tiers=FLAT.tiers_in(11), used=Decimal(2760 - 48), cycle=year, scale=3, uncounted=[1, 2, 3, 11]
    )
    assert found
    assert found.likely_on == date(2026, 12, 7)


def test_a_balance_lasts_until_its_use_has_cost_it(steady: Expectation) -> None:
    so_far = UsedSoFar(Decimal(0), {"total": Decimal(120)}, {"total": Decimal(1)})
    # 120 kWh at 0.538 yuan are 64.56 yuan; a day is 4.304 yuan, so 40 yuan more last into the tenth day.
    found = balance_ahead(steady, prepaid=Fen(10456), so_far=so_far, version=FLAT, on_month=NOVEMBER, scale=3)
    assert (found.unbilled, found.left) == (6456, 4000)
    assert found.likely_on == date(2026, 11, 25)
    assert found.earliest
    assert found.earliest <= found.likely_on


def test_a_balance_that_is_used_up_lasts_no_day_and_a_large_one_is_not_dated(steady: Expectation) -> None:
    so_far = UsedSoFar(Decimal(0), {"total": Decimal(120)}, {"total": Decimal(1)})
    gone, large = (
        balance_ahead(steady, prepaid=Fen(fen), so_far=so_far, version=FLAT, on_month=NOVEMBER, scale=3)
        for fen in (5000, 10**6)
    )
    assert (gone.left, gone.likely_on) == (5000 - 6456, TODAY)
    assert (large.likely_on, large.earliest) == (None, None)


@given(prepaid=st.integers(1, 60_000), more=st.integers(0, 20_000), used=st.integers(0, 4000))
def test_more_money_never_lasts_shorter(prepaid: int, more: int, used: int) -> None:
    expectation = expect(USED, today=TODAY, zone=ZONE)
    assert isinstance(expectation, Expectation)
    so_far = UsedSoFar(Decimal(used), {"peak": Decimal(30), "valley": Decimal(20)}, SHARES)
    less, larger = (
        balance_ahead(expectation, prepaid=Fen(fen), so_far=so_far, version=TOU, on_month=NOVEMBER, scale=3)
        for fen in (prepaid, prepaid + more)
    )
    never = date.max
    assert (less.likely_on or never) <= (larger.likely_on or never)
    assert (larger.earliest or never) <= (larger.likely_on or never)


@given(used=st.integers(0, 4799), more=st.integers(0, 1000))
def test_who_has_used_more_comes_no_later_into_a_tier(used: int, more: int) -> None:
    expectation = expect(USED, today=TODAY, zone=ZONE)
    assert isinstance(expectation, Expectation)
    cycle = Days(date(2026, 1, 1), date(2027, 1, 1))
    one, other = (
        tier_ahead(expectation, tiers=FLAT.tiers_in(11), used=Decimal(kwh), cycle=cycle, scale=3)
        for kwh in (used, used + more)
    )
    assert one
    never = date.max
    assert (one.earliest or never) <= (one.likely_on or never) <= (one.latest or never)
    if other and other.tier == one.tier:
        assert (other.likely_on or never) <= (one.likely_on or never)


def test_days_ahead_are_cut_at_months_and_begin_anew_with_a_cycle() -> None:
    found = stretches(FLAT, days=Days(date(2026, 11, 20), date(2027, 1, 19)))
    assert [(len(one.days), str(one.month), one.fresh) for one in found] == [
        (11, "2026-11", False),
        (31, "2026-12", False),
        (18, "2027-01", True),
    ]
    monthly = catalogue.version("guangzhou-residential", on=TODAY)
    assert [one.fresh for one in stretches(monthly, days=Days(date(2026, 11, 20), date(2027, 1, 19)))] == [
        False,
        True,
        True,
    ]


@given(used=st.integers(0, 3000), before=st.integers(0, 6000))
def test_one_stretch_costs_what_the_engine_says(used: int, before: int) -> None:
    kwh = {"total": Decimal(used)}
    (only,) = stretches(FLAT, days=NOVEMBER.days)
    found = priced(FLAT, ahead=[only], used=kwh, used_before=Decimal(before))
    assert found == quote(FLAT, on_month=NOVEMBER, used=kwh, used_before=Decimal(before)).total


def test_the_running_period_is_the_one_that_began_on_the_last_reading_day() -> None:
    account = an_account(read_day=15)
    assert running_month(account, date(2026, 11, 14)) == Month(2026, 10)
    assert running_month(account, date(2026, 11, 15)) == NOVEMBER


def test_a_flat_tariff_takes_all_periods_together_and_another_calendar_is_not_guessed() -> None:
    metered = {"peak": Decimal(3), "valley": Decimal(2)}
    assert by_periods(metered, ("total",)) == {"total": 5}
    assert by_periods(metered, ("critical_peak", "peak", "valley")) == {"critical_peak": 0, "peak": 3, "valley": 2}
    assert by_periods(metered, ("peak", "flat")) is None


def test_a_tier_whose_surcharge_differs_by_period_is_shared_to_the_last_digit() -> None:
    version = catalogue.version("shanghai-residential-tou", on=TODAY)
    ahead = stretches(version, days=Days(TODAY, date(2027, 1, 20)))
    used = {"peak": Decimal(1000) / 3, "valley": Decimal(1000) / 7}
    assert priced(version, ahead=ahead, used=used, used_before=Decimal(4700) + Decimal(1) / 3) > 0


def test_a_subsidised_household_pays_less_for_the_days_ahead() -> None:
    ahead = stretches(FLAT, days=Days(TODAY, date(2026, 12, 1)))
    used = {"total": Decimal(100)}
    terms = (Term("subsidised", date(2026, 1, 1)),)
    paid, less = (priced(FLAT, ahead=ahead, used=used, used_before=Decimal(0), terms=one) for one in ((), terms))
    assert less < paid
