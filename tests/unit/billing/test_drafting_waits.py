"""What a period waits for: a bill is never made out of what is not there."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gridhall.billing.accounts.model import Account, PointLink, TariffLink
from gridhall.billing.bills.model import Bill, BillStatus
from gridhall.billing.waits.model import Waiting
from gridhall.kit.ids import new_id
from gridhall.metering.quality import ESTIMATES
from gridhall.metering.registers.model import RegisterRead
from tests.factories.accounts import an_account, point_of
from tests.factories.bills import a_bill, drafted
from tests.factories.reads import a_read

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def both_reads(account: Account, start: date = JANUARY, end: date = FEBRUARY) -> tuple[RegisterRead, RegisterRead]:
    return a_read(point_of(account), start, "100.00"), a_read(point_of(account), end, "300.00")


def test_a_period_with_everything_waits_for_nothing() -> None:
    account = an_account()
    assert isinstance(drafted(account, "2026-01", *both_reads(account)), Bill)


@pytest.mark.parametrize("code", ["zhejiang-residential", "no-such-tariff"])
def test_a_tariff_that_says_nothing_about_the_day_is_waited_for(code: str) -> None:
    long_ago = date(2019, 1, 1)
    account = an_account(tariff=code, kept_since=long_ago)
    found = drafted(account, "2019-01", *both_reads(account, long_ago, date(2019, 2, 1)))
    assert found == Waiting("no_tariff_version", (("tariff", code),))


def test_a_day_without_a_tariff_is_waited_for() -> None:
    middle = JANUARY + timedelta(days=10)
    account = an_account(tariffs=(TariffLink("zhejiang-residential", JANUARY, middle),))
    assert drafted(account, "2026-01", *both_reads(account)) == Waiting("no_single_tariff")


def test_a_change_to_time_of_use_waits_for_the_registers_that_tell_the_periods_apart() -> None:
    middle = JANUARY + timedelta(days=10)
    links = (TariffLink("zhejiang-residential", JANUARY, middle), TariffLink("zhejiang-residential-tou", middle))
    account = an_account(tariffs=links)
    assert drafted(account, "2026-01", *both_reads(account)) == Waiting("register_lacks_period", (("period", "peak"),))


def test_what_came_before_the_account_was_kept_is_not_billed() -> None:
    account = an_account(kept_since=FEBRUARY, tariffs=(TariffLink("zhejiang-residential", JANUARY),))
    assert drafted(account, "2026-01") == Waiting("before_account_was_kept")


def test_months_are_billed_in_their_order() -> None:
    account = an_account()
    reads = both_reads(account, FEBRUARY, MARCH)
    assert drafted(account, "2026-02", *reads) == Waiting("earlier_month_not_billed")


def test_a_hole_between_two_months_is_not_jumped_over() -> None:
    account = an_account()
    reads = both_reads(account, MARCH, date(2026, 4, 1))
    assert drafted(account, "2026-03", *reads, earlier=[a_bill(account, "2026-01")]) == Waiting(
        "earlier_month_not_billed"
    )


def test_nothing_is_billed_on_top_of_a_held_bill() -> None:
    account = an_account()
    held = a_bill(account, "2026-01", status=BillStatus.HELD)
    found = drafted(account, "2026-02", *both_reads(account, FEBRUARY, MARCH), earlier=[held])
    assert found == Waiting("earlier_month_held", (("month", "2026-01"),))


def test_an_account_without_a_point_waits_for_one() -> None:
    assert drafted(an_account(points=()), "2026-01") == Waiting("no_service_point")


@pytest.mark.parametrize(("missing", "day"), [(0, "2026-01-01"), (1, "2026-02-01")])
def test_a_missing_read_is_named_by_its_day(missing: int, day: str) -> None:
    account = an_account()
    reads = [read for at, read in enumerate(both_reads(account)) if at != missing]
    assert drafted(account, "2026-01", *reads) == Waiting("no_register_read", (("day", day),))


def test_every_point_of_the_account_needs_its_reads() -> None:
    account = an_account()
    other = PointLink(new_id(), JANUARY)
    two_points = an_account(points=(*account.points, other))
    assert drafted(two_points, "2026-01", *both_reads(account)) == Waiting("no_register_read", (("day", "2026-01-01"),))


@pytest.mark.parametrize("quality", sorted(ESTIMATES))
@pytest.mark.parametrize("which", [0, 1])
def test_an_estimated_read_is_no_read(which: int, quality: int) -> None:
    account = an_account()
    reads = list(both_reads(account))
    reads[which] = a_read(point_of(account), reads[which].day, "200.00", quality=quality)
    assert drafted(account, "2026-01", *reads) == Waiting(
        "register_read_estimated", (("day", reads[which].day.isoformat()),)
    )


def test_an_exchanged_meter_is_waited_for() -> None:
    account = an_account()
    opening, _ = both_reads(account)
    closing = a_read(point_of(account), FEBRUARY, "5.00", meter="M2")
    assert drafted(account, "2026-01", opening, closing) == Waiting("meter_changed")


def test_a_register_that_ran_backwards_is_not_billed() -> None:
    account = an_account()
    reads = a_read(point_of(account), JANUARY, "300.00"), a_read(point_of(account), FEBRUARY, "299.99")
    assert drafted(account, "2026-01", *reads) == Waiting("register_ran_backwards", (("period", "total"),))


def test_a_register_that_would_have_run_through_most_of_its_digits_ran_backwards() -> None:
    account = an_account()
    reads = a_read(point_of(account), JANUARY, "300.00"), a_read(point_of(account), FEBRUARY, "299.99")
    found = drafted(account, "2026-01", *reads, digits={"M1": 5})
    assert found == Waiting("register_ran_backwards", (("period", "total"),))


@pytest.mark.parametrize("day", [JANUARY, FEBRUARY])
def test_a_read_that_is_to_be_taken_again_is_waited_for(day: date) -> None:
    account = an_account()
    found = drafted(account, "2026-01", *both_reads(account), doubted={(point_of(account), day)})
    assert found == Waiting("reread_pending", (("day", day.isoformat()),))
    others = {(point_of(account), date(2026, 1, 15)), (new_id(), JANUARY)}
    assert isinstance(drafted(account, "2026-01", *both_reads(account), doubted=others), Bill)


@pytest.mark.parametrize("whole", [0, 1])
def test_a_register_that_the_tariff_asks_for_has_to_be_read(whole: int) -> None:
    account = an_account(tariff="zhejiang-residential-tou")
    values: list[dict[str, str] | str] = ["100.00", "300.00"]
    values[whole] = {"peak": "100.00", "valley": "100.00"}
    reads = a_read(point_of(account), JANUARY, values[0]), a_read(point_of(account), FEBRUARY, values[1])
    assert drafted(account, "2026-01", *reads) == Waiting("register_lacks_period", (("period", "peak"),))


def test_an_account_kept_from_the_middle_of_a_period_is_first_billed_from_that_day() -> None:
    middle = date(2026, 1, 11)
    account = an_account(kept_since=middle)
    first = drafted(account, "2026-01", *both_reads(account, middle))
    assert isinstance(first, Bill)
    assert (first.days.start, len(first.days)) == (middle, 21)
    second = drafted(
        account, "2026-02", *both_reads(account, FEBRUARY, MARCH), earlier=[replace(first, status=BillStatus.ISSUED)]
    )
    assert isinstance(second, Bill)
