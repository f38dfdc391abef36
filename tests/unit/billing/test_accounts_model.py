from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.accounts.model import PointLink, TariffLink, masked_number
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Days, Month
from tests.factories.accounts import an_account

OCTOBER = Days(date(2026, 10, 1), date(2026, 11, 1))

months = st.builds(Month, st.integers(2000, 2100), st.integers(1, 12))


class TestPeriods:
    @given(months, st.integers(1, 28))
    def test_a_period_ends_where_the_next_begins(self, month: Month, read_day: int) -> None:
        account = an_account(read_day=read_day)
        assert account.period(month).end == account.period(month.shift(1)).start

    def test_a_period_runs_from_reading_day_to_reading_day(self) -> None:
        account = an_account(read_day=15)
        assert account.period(Month(2026, 12)) == Days(date(2026, 12, 15), date(2027, 1, 15))


class TestTariffOfAPeriod:
    def test_the_one_that_holds_on_every_day_is_it(self) -> None:
        until = TariffLink("zhejiang-residential", date(2026, 1, 1), date(2026, 10, 1))
        since = TariffLink("zhejiang-residential-tou", date(2026, 10, 1))
        account = an_account(tariffs=(until, since))
        assert account.tariff_in(OCTOBER) is since
        assert account.tariff_in(Days(date(2026, 9, 1), date(2026, 10, 1))) is until

    @pytest.mark.parametrize(
        "links",
        [
            (),
            (TariffLink("zhejiang-residential", date(2026, 10, 2)),),
            (TariffLink("zhejiang-residential", date(2026, 1, 1), date(2026, 10, 31)),),
            (TariffLink("zhejiang-residential", date(2026, 1, 1)), TariffLink("x", date(2026, 10, 1))),
        ],
        ids=["none", "begins later", "ends earlier", "two at once"],
    )
    def test_none_or_two_are_no_tariff(self, links: tuple[TariffLink, ...]) -> None:
        assert an_account(tariffs=links).tariff_in(OCTOBER) is None


def test_a_point_belongs_to_the_days_on_which_its_link_holds() -> None:
    before = PointLink(new_id(), date(2026, 1, 1), date(2026, 10, 1))
    now = PointLink(new_id(), date(2026, 10, 1))
    assert an_account(points=(before, now)).points_in(OCTOBER) == (now,)


def test_a_masked_number_shows_its_ends_only() -> None:
    assert masked_number("3301000000789") == "330*******789"
