"""Similar homes: who is compared with whom, and what a count keeps of them."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.kit.localdays import Month
from gridhall.metering.histories.series import PeriodTotals
from gridhall.metering.load.model import Reason, TooLittle
from gridhall.metering.load.similar.mean_day import mean_day
from gridhall.metering.load.similar.model import GroupFigures, fifth_of, group_of, groups_of
from gridhall.metering.load.similar.sketch import bin_of, quantile
from gridhall.metering.points.model import ServicePoint

MONTH = Month(2026, 10)
NOW = datetime(2026, 11, 2, tzinfo=UTC)


def a_point(**changes: object) -> ServicePoint:
    fields = {"id": UUID(int=1), "region": "zhejiang", "org_path": "grid", "zone": "UTC", "calendar": "single"}
    return ServicePoint(**{**fields, **changes})  # type: ignore[arg-type]


def totals(*, kwh: int, present: int = 2976) -> PeriodTotals:
    return PeriodTotals(3, kwh * 1000, {}, 31, present, 2976, 0, NOW)


@pytest.mark.parametrize(
    ("capacity", "band"), [(None, (None, None)), (4, (None, 4)), (5, (4, 6)), (8, (6, 8)), (41, (40, None))]
)
def test_homes_are_compared_with_those_of_their_size(capacity: int | None, band: tuple[int | None, int | None]) -> None:
    group = group_of(a_point(capacity_kw=capacity), month=MONTH)
    assert group
    assert (group.above_kw, group.upto_kw) == band
    assert group in groups_of("zhejiang", MONTH)


def test_a_sum_meter_is_compared_with_nobody() -> None:
    assert group_of(a_point(supply_class="district"), month=MONTH) is None


def test_the_names_of_groups_differ() -> None:
    groups = groups_of("zhejiang", MONTH)
    assert len({group.key for group in groups}) == len(groups)


def test_gaps_are_taken_for_what_the_rest_was_and_too_many_are_not() -> None:
    assert mean_day(totals(kwh=310), days=31) == 10
    assert mean_day(totals(kwh=279, present=2976 * 9 // 10 + 1), days=31) == pytest.approx(
        Decimal(10), abs=Decimal("0.01")
    )
    thin = mean_day(totals(kwh=100, present=1000), days=31)
    assert isinstance(thin, TooLittle)
    assert thin.reason is Reason.FEW_WHOLE_DAYS


def test_an_empty_home_is_compared_with_nobody() -> None:
    found = mean_day(totals(kwh=0), days=31)
    assert isinstance(found, TooLittle)
    assert found.reason is Reason.NOTHING_USED


@pytest.mark.parametrize(("own", "fifth"), [(1, 1), (2, 1), (3, 2), (5, 3), (7, 4), (9, 5)])
def test_a_home_lies_in_a_fifth_of_its_group(own: int, fifth: int) -> None:
    group = group_of(a_point(), month=MONTH)
    assert group
    figures = GroupFigures(group, 10, Decimal(2), Decimal(4), Decimal(5), Decimal(6), Decimal(8), NOW)
    assert fifth_of(Decimal(own), figures) == fifth


watt_hours = st.lists(st.integers(1, 200_000), min_size=10, max_size=200)


@given(homes=watt_hours, cut=st.integers(0, 200), per_cent=st.sampled_from([20, 40, 50, 60, 80]))
def test_a_count_in_two_chunks_is_the_count_and_its_quantiles_are_within_a_hundredth(
    homes: list[int], cut: int, per_cent: int
) -> None:
    bins = [bin_of(Decimal(home) / 1000) for home in homes]
    assert Counter(bins[:cut]) + Counter(bins[cut:]) == Counter(bins)
    true = sorted(homes)[-(-len(homes) * per_cent // 100) - 1]
    assert abs(quantile(Counter(bins), per_cent=per_cent) * 1000 - true) <= Decimal("0.0102") * true + 1
