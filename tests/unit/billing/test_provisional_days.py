"""Provisional days: they sum to the quote of their energy, and lie in the right place of the tiers."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists, sampled_from

from gridhall.billing.accounts.model import Account, TariffLink, Term
from gridhall.billing.bills.model import Billed
from gridhall.billing.prepayment.charging import DayUse, charge_days
from gridhall.billing.prepayment.model import Level, level_of
from gridhall.billing.prepayment.rules import RulesFileError, read_rules, rules_of
from gridhall.billing.prepayment.top_ups import TopUpConsent
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.engine import quote
from gridhall.billing.tariffs.quantity import billed_energy
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen
from tests.factories.accounts import an_account

FIRST = date(2026, 3, 1)
MARCH = Days(FIRST, date(2026, 4, 1))
TARIFFS = sampled_from(["zhejiang-residential", "zhejiang-residential-tou", "guangzhou-residential"])


def an(tariff: str) -> Account:
    return replace(an_account(), kept_since=FIRST, tariffs=(TariffLink(tariff, FIRST),))


@settings(deadline=None, max_examples=60)
@given(tariff=TARIFFS, wh=lists(integers(0, 60_000), min_size=31, max_size=31), before=integers(0, 5000))
def test_the_days_of_a_month_sum_to_its_quote_to_the_fen(tariff: str, wh: list[int], before: int) -> None:
    account = replace(an(tariff), carried_kwh=before)
    version = catalogue.version(tariff, on=FIRST)
    parts = len(version.periods)
    used = {
        day: DayUse({period: Decimal(one) / 1000 / parts for period in version.periods}, 0, whole=True)
        for day, one in zip(MARCH, wh, strict=True)
    }
    charged = charge_days(account, days=MARCH, used=used, billed=())
    sums = {period: sum((one.kwh[period] for one in used.values()), Decimal(0)) for period in version.periods}
    kwh = {period: billed_energy(version.quantity, metered=one).kwh for period, one in sums.items()}
    whole = quote(version, on_month=Month(2026, 3), used=kwh, used_before=Decimal(before))
    assert sum(one.amount for one in charged.days) == whole.total
    assert all(one.amount >= 0 for one in charged.days)


def test_a_border_of_a_tier_is_crossed_on_its_day() -> None:
    account = an("zhejiang-residential")
    billed = [Billed(Days(date(2026, 1, 1), FIRST), Decimal(2740))]
    used = {day: DayUse({"total": Decimal(10)}, 0, whole=True) for day in MARCH}
    found = charge_days(account, days=MARCH, used=used, billed=billed)
    # 2,760 kWh a year in the first tier: two days of it are left, and then 5 fen a kWh more.
    assert [one.amount for one in found.days[:4]] == [538, 538, 588, 588]


def test_a_period_that_is_not_billed_yet_comes_before_the_next_in_the_tiers() -> None:
    days = Days(FIRST, date(2026, 5, 1))
    used = {day: DayUse({"total": Decimal(60)}, 0, whole=True) for day in days}
    found = charge_days(an("zhejiang-residential"), days=days, used=used, billed=())
    assert sum(day.amount for day in found.days if day.day < date(2026, 4, 1)) == round(1860 * 53.8)
    assert found.days[-1].amount == 60 * 59 - 60 // 5


def test_use_without_a_tariff_costs_nothing_and_says_so() -> None:
    account = replace(an("zhejiang-residential"), tariffs=())
    used = {FIRST: DayUse({"total": Decimal(10)}, 0, whole=True)}
    found = charge_days(account, days=Days(FIRST, FIRST + timedelta(days=1)), used=used, billed=())
    assert (found.unpriced, [one.amount for one in found.days]) == ("no_single_tariff", [0])


def test_the_free_energy_of_a_subsidised_household_is_counted() -> None:
    versions = [catalogue.version(code, on=FIRST) for code in catalogue.tariff_codes()]
    version = next(one for one in versions if one.allowance and one.cycle.every == "year")
    account = replace(an(version.code), terms=(Term("subsidised", FIRST),))
    used = {FIRST: DayUse({period: Decimal(2) for period in version.periods}, 0, whole=True)}
    found = charge_days(account, days=Days(FIRST, FIRST + timedelta(days=1)), used=used, billed=())
    assert found.allowance is not None
    assert found.allowance.used + found.allowance.left == found.allowance.kwh
    assert found.days[0].amount == 0


@pytest.mark.parametrize(
    ("balance", "level"), [(3000, Level.FINE), (2999, Level.LOW), (0, Level.LOW), (-1, Level.EMPTY)]
)
def test_below_thirty_yuan_is_low_and_below_nothing_is_empty(balance: int, level: Level) -> None:
    rules = rules_of("zhejiang", on=FIRST)
    assert rules is not None
    assert level_of(Fen(balance), rules) is level


def test_a_file_of_rules_is_refused_by_its_field() -> None:
    row = """[[rules]]
    regions = ["zhejiang"]
    effective_from = 2021-01-01
    status = "weak"
    source = "somebody said so"
    warn_below = 3000
    notice_below = 0
    fresh_days = 30
    proposes_cuts = false
    notice_days = 7"""
    with pytest.raises(RulesFileError, match="fresh_days"):
        read_rules(row)


@given(balance=integers(-100_000, 100_000))
def test_a_top_up_lifts_the_balance_or_comes_to_the_most_of_a_day(balance: int) -> None:
    consent = TopUpConsent(an_account().id, Fen(3000), Fen(5000), Fen(20000), new_id(), None)  # type: ignore[arg-type]
    due = consent.due(Fen(balance))
    assert (due == 0) == (balance >= 3000)
    assert due <= 20000
    assert balance + due >= 3000 or due == 20000
