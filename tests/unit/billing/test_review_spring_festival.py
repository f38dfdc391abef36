"""A real household used 419, 558 and 261 kWh from January to March 2024: Spring Festival, and nothing wrong."""

from datetime import date
from decimal import Decimal

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.bills.model import Bill
from gridhall.billing.bills.pricing import Pricing, pricing_of
from gridhall.billing.bills.review import Evidence, Thresholds, limits_of, review
from gridhall.billing.bills.review.gathering import of_bills
from gridhall.kit.localdays import Days
from gridhall.metering.load.years import a_year_before
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill

HOME = an_account(kept_since=date(2022, 11, 1))
STRICT = Thresholds(Decimal(2), Decimal(50), Decimal(2), Decimal(50), Decimal(2))
LAST_WINTER = {"2022-11": 200, "2022-12": 300, "2023-01": 560, "2023-02": 280, "2023-03": 250, "2023-04": 180}
"""The festival was three weeks earlier in 2023: its peak fell into January."""
THIS_WINTER = {"2023-11": 210, "2023-12": 330, "2024-01": 419, "2024-02": 558, "2024-03": 261}


def bills(account: Account, months: dict[str, int]) -> list[Bill]:
    return [a_bill(account, month, kwh) for month, kwh in months.items()]


def jumps(bill: Bill, earlier: list[Bill], thresholds: Thresholds) -> set[str]:
    pricing = pricing_of(HOME, bill.days)
    assert isinstance(pricing, Pricing)
    evidence = Evidence(HOME, pricing, thresholds, earlier)
    previous = evidence.previous(bill)
    zone = "Asia/Shanghai"
    weeks = of_bills(earlier, a_year_before(bill.days, zone=zone))
    before = of_bills(earlier, a_year_before(previous.days, zone=zone)) if previous else None
    evidence = Evidence(HOME, pricing, thresholds, earlier, last_year=weeks, before_last_year=before)
    found = {finding.code for finding in review(bill, evidence).findings}
    return found & {"jumped_against_last_month", "differs_from_last_year"}


@pytest.mark.parametrize("month", ["2024-01", "2024-02", "2024-03"])
@pytest.mark.parametrize("thresholds", [limits_of({}).of("residential"), STRICT], ids=["shipped", "strict"])
def test_the_festival_is_not_flagged(month: str, thresholds: Thresholds) -> None:
    known = [*bills(HOME, LAST_WINTER), *bills(HOME, THIS_WINTER)]
    bill = next(one for one in known if str(one.month) == month)
    assert jumps(bill, [one for one in known if one.month < bill.month], thresholds) == set()


def test_the_same_weeks_are_found_by_the_moon_in_spring_and_by_the_week_otherwise() -> None:
    february = Days(date(2024, 2, 1), date(2024, 3, 1))
    assert a_year_before(february, zone="Asia/Shanghai") == Days(date(2023, 1, 13), date(2023, 2, 11))
    july = Days(date(2024, 7, 1), date(2024, 8, 1))
    assert a_year_before(july, zone="Asia/Shanghai") == Days(date(2023, 7, 3), date(2023, 8, 3))


def test_the_calendar_alone_would_have_flagged_it() -> None:
    known = bills(HOME, {"2023-02": 250, "2024-01": 419, "2024-02": 558})
    pricing = pricing_of(HOME, known[-1].days)
    assert isinstance(pricing, Pricing)
    by_calendar = of_bills(known[:1], known[0].days)
    evidence = Evidence(HOME, pricing, STRICT, known[:-1], last_year=by_calendar)
    assert "differs_from_last_year" in {one.code for one in review(known[-1], evidence).findings}


def test_a_meter_that_was_misread_in_february_is_still_flagged() -> None:
    known = [*bills(HOME, LAST_WINTER), *bills(HOME, THIS_WINTER)]
    bill = a_bill(HOME, "2024-02", 5580)
    before = [one for one in known if one.month < bill.month]
    assert jumps(bill, before, limits_of({}).of("residential")) == {
        "jumped_against_last_month",
        "differs_from_last_year",
    }


def test_bills_that_cover_less_than_half_of_the_weeks_say_nothing() -> None:
    known = bills(HOME, {"2023-01": 560})
    assert of_bills(known, Days(date(2023, 1, 20), date(2023, 2, 20))) is None
    mean = of_bills(known, Days(date(2023, 1, 10), date(2023, 2, 9)))
    assert mean is not None
    assert round(mean.a_day, 6) == round(Decimal(560) / 31, 6)
