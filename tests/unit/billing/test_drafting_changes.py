"""A tariff or a household that changes inside a period: billed by day, and found the same by a second path."""

from dataclasses import replace
from datetime import date

from gridhall.billing.accounts.model import Account, TariffLink, Term
from gridhall.billing.bills.document import pack, unpack
from gridhall.billing.bills.model import Bill
from gridhall.billing.bills.pricing import Pricing, pricing_of
from gridhall.billing.bills.review import Evidence, review
from gridhall.billing.bills.review.model import RESIDENTIAL, SHIPPED
from tests.factories.accounts import an_account, point_of
from tests.factories.bills import a_bill_drafted
from tests.factories.reads import a_read

JANUARY, MIDDLE, FEBRUARY = date(2026, 1, 1), date(2026, 1, 11), date(2026, 2, 1)
CHANGED = (TariffLink("zhejiang-residential", JANUARY, MIDDLE), TariffLink("zhejiang-residential-tou", MIDDLE))


def billed(account: Account) -> Bill:
    opening = a_read(point_of(account), JANUARY, {"peak": "100", "valley": "50", "total": "150"})
    closing = a_read(point_of(account), FEBRUARY, {"peak": "300", "valley": "160", "total": "460"})
    return a_bill_drafted(account, "2026-01", opening, closing)


def found_by_review(bill: Bill, account: Account) -> list[str]:
    pricing = pricing_of(account, bill.days)
    assert isinstance(pricing, Pricing)
    evidence = Evidence(account, pricing, SHIPPED[RESIDENTIAL])
    return [one.code for one in review(bill, evidence).findings]


def test_a_tariff_that_changes_inside_a_period_is_billed_by_day_each_line_naming_its_version() -> None:
    account = an_account(tariffs=CHANGED)
    bill = billed(account)
    assert [(line.period, line.version, line.days and line.days.start) for line in bill.lines] == [
        ("total", "zhejiang-residential@2021-01-01", JANUARY),
        ("peak", "zhejiang-residential-tou@2021-01-01", MIDDLE),
        ("valley", "zhejiang-residential-tou@2021-01-01", MIDDLE),
    ]
    assert sum(line.kwh for line in bill.lines) == bill.kwh == 310
    assert sum(line.amount for line in bill.lines) == bill.total


def test_the_second_path_finds_the_same_and_a_slip_shows() -> None:
    account = an_account(tariffs=CHANGED)
    bill = billed(account)
    assert found_by_review(bill, account) == []
    wrong = replace(bill, total=bill.total + 1)
    assert found_by_review(wrong, account) == ["recomputed_differs", "lines_do_not_add_up"]


def test_a_bill_with_changes_inside_is_read_as_it_was_written() -> None:
    bill = billed(an_account(tariffs=CHANGED))
    assert unpack(pack(bill)) == bill


def test_a_household_heated_by_electricity_uses_no_tier_in_the_season() -> None:
    account = an_account(
        tariffs=(TariffLink("shaanxi-residential", JANUARY),),
        terms=(Term("heating_exempt", JANUARY),),
        region="shaanxi",
    )
    bill = billed(account)
    assert (bill.kwh, bill.uncounted_kwh, bill.counted_kwh) == (310, 310, 0)
    assert found_by_review(bill, account) == []


def test_a_bill_keeps_the_reads_that_it_stands_on() -> None:
    bill = billed(an_account())
    assert [(one.day, one.source, one.version, one.quality) for one in bill.readings] == [
        (JANUARY, "remote", 0, 0),
        (FEBRUARY, "remote", 0, 0),
    ]
    assert [(row.opening, row.closing, row.kwh) for row in bill.registers] == [(150, 460, 310)]
