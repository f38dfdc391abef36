"""Last year: the days to compare with, and the change by the mean day."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from gridhall.kit.localdays import Days, Month
from gridhall.kit.workdays import is_workday
from gridhall.metering.histories.series import TotalsSeries
from gridhall.metering.load.change import Change, against
from gridhall.metering.load.model import Reason, TooLittle
from gridhall.metering.load.years import a_year_before, lunar_aligned
from tests.factories.loads import AS_OF

ZONE = "Asia/Shanghai"


def daily(days: Days, energy: Callable[[date], int], *, gaps: frozenset[date] = frozenset()) -> TotalsSeries:
    return TotalsSeries(
        channel="import-kwh",
        scale=3,
        labels=tuple(day.isoformat() for day in days),
        totals=tuple(energy(day) for day in days),
        by_period={},
        present=tuple(95 if day in gaps else 96 for day in days),
        expected=(96,) * len(days),
        quality=(0,) * len(days),
        as_of=AS_OF,
    )


def test_weeks_around_spring_festival_are_compared_with_those_around_the_last_one() -> None:
    eve = Days(date(2026, 2, 16), date(2026, 2, 20))  # the festival was 29 January 2025 and 17 February 2026
    assert lunar_aligned(eve) == Days(date(2025, 1, 28), date(2025, 2, 1))


@pytest.mark.parametrize(
    ("month", "zone", "earlier"),
    [
        ("2026-03", ZONE, date(2025, 2, 10)),
        ("2026-04", ZONE, date(2025, 4, 2)),
        ("2026-03", "Europe/London", date(2025, 3, 2)),
    ],
)
def test_only_the_first_months_of_a_year_move_with_the_moon(month: str, zone: str, earlier: date) -> None:
    assert a_year_before(Month.parse(month).days, zone=zone).start == earlier


def test_a_change_is_of_the_mean_day_and_of_days_that_both_years_have() -> None:
    days = Month(2026, 6).days
    earlier = a_year_before(days, zone=ZONE)
    gaps = frozenset({date(2026, 6, 3)})
    now = daily(days, lambda day: 10**6 if day in gaps else 9000, gaps=gaps)
    then = daily(earlier, lambda _: 6000)
    found = against(now=now, then=then, days=days, earlier=earlier, lunar=False)
    assert isinstance(found, Change)
    assert (found.compared, found.mean_kwh, found.mean_kwh_before) == (29, 9, 6)
    assert found.ratio == Decimal("0.5")


def test_a_first_year_has_nothing_to_be_compared_with() -> None:
    days = Month(2026, 6).days
    earlier = a_year_before(days, zone=ZONE)
    thin = frozenset(list(earlier)[4:])
    found = against(
        now=daily(days, lambda _: 1),
        then=daily(earlier, lambda _: 1, gaps=thin),
        days=days,
        earlier=earlier,
        lunar=False,
    )
    assert found == TooLittle(Reason.FEW_WHOLE_DAYS, whole=4, needed=5)


def test_a_year_that_is_not_announced_yet_has_the_holidays_of_the_rules() -> None:
    off = [date(2045, 1, 1), date(2045, 2, 17), date(2045, 5, 1), date(2045, 10, 3)]
    assert not any(is_workday(day) for day in off)
    assert is_workday(date(2045, 3, 1))
