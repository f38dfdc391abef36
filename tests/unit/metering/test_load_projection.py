"""Projections: what is expected, how far it may be off, and when nothing is said."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.kit.localdays import Days, Month
from gridhall.metering.load.expectation import Expectation, expect
from gridhall.metering.load.model import Reason, TooLittle
from gridhall.metering.load.projection import Projection, project
from tests.factories.loads import used_each

ZONE = "Asia/Shanghai"
TODAY = date(2026, 11, 16)
MONTH = Month(2026, 11).days
LATELY = Days(date(2026, 9, 1), TODAY)


def told(used: dict[date, int], *, today: date = TODAY, zone: str = ZONE) -> Projection:
    expectation = expect(used, today=today, zone=zone)
    assert isinstance(expectation, Expectation)
    return project(expectation, used=used, days=MONTH, scale=3)


def test_a_home_that_uses_the_same_each_day_goes_on_so() -> None:
    found = told(used_each(LATELY, lambda _: 8000))
    assert (found.measured, found.likely) == (120, 240)
    assert found.measured_days == 15
    assert found.low < 240 < found.high  # even then: two weeks ahead, nobody knows
    assert found.high - found.low < 12


def test_days_off_to_come_are_expected_like_days_off() -> None:
    found = told(used_each(LATELY, lambda day: 5000 if day.weekday() < 5 else 9000), zone="Europe/London")
    assert found.likely == Decimal(21 * 5 + 9 * 9)
    assert {day.weekday(): kwh for day, kwh in found.expected}[6] == 9


def test_what_is_over_is_as_it_was_measured() -> None:
    used = used_each(Days(date(2026, 9, 1), MONTH.end), lambda day: 1000 * day.day)
    found = told(used, today=MONTH.end)
    assert found.low == found.likely == found.high == found.measured == 465


def test_a_day_with_a_gap_is_expected_like_the_others() -> None:
    used = used_each(LATELY, lambda _: 8000)
    del used[date(2026, 11, 5)]
    found = told(used)
    assert (found.measured, found.likely) == (112, 240)


def test_nothing_of_today_or_later_is_looked_at() -> None:
    used = used_each(LATELY, lambda day: 8000 + 100 * day.day)
    later = used | used_each(Days(TODAY, MONTH.end), lambda _: 10**6)
    assert told(used).likely == told(later).likely


def test_an_irregular_home_has_the_wider_range() -> None:
    calm = told(used_each(LATELY, lambda _: 8000))
    wild = told(used_each(LATELY, lambda day: 2000 if day.isocalendar().week % 2 else 14000))
    assert wild.high - wild.low > 3 * (calm.high - calm.low)


def test_last_year_tells_of_the_season_and_half_of_it_is_believed() -> None:
    used = used_each(LATELY, lambda _: 8000)
    used |= used_each(Days(date(2025, 9, 1), date(2025, 11, 17)), lambda _: 6000)
    used |= used_each(Days(date(2025, 11, 17), date(2026, 1, 10)), lambda _: 9000)
    found = told(used)
    assert found.expected[-1][1] == pytest.approx(Decimal(8) * Decimal("1.2247"), abs=Decimal("0.01"))


def test_a_month_of_whole_days_it_takes() -> None:
    short = used_each(Days(TODAY - timedelta(days=27), TODAY), lambda _: 8000)
    assert expect(short, today=TODAY, zone=ZONE) == TooLittle(Reason.FEW_WHOLE_DAYS, whole=27, needed=28)
    assert expect({}, today=TODAY, zone=ZONE) == TooLittle(Reason.NOTHING_MEASURED, needed=28)


energies = st.lists(st.integers(0, 60000), min_size=76, max_size=76)


@given(energies=energies, factor=st.integers(2, 9))
def test_the_range_holds_what_is_likely_and_scales_with_the_home(energies: list[int], factor: int) -> None:
    used = dict(zip(LATELY, energies, strict=True))
    once = told(used)
    assert once.measured <= once.low <= once.likely <= once.high
    more = told({day: energy * factor for day, energy in used.items()})
    assert more.likely == pytest.approx(factor * once.likely, abs=Decimal("0.2"))
    assert more.high == pytest.approx(factor * once.high, abs=Decimal(1), rel=Decimal("0.001"))
