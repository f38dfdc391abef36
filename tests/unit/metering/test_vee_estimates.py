"""Estimates: exact sums, straight lines, similar days, and nothing invented."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.metering.histories.packing import MISSING
from gridhall.metering.quality import Quality
from gridhall.metering.vee.estimating.estimate import Estimated, Gappy, NotEstimated, estimate
from gridhall.metering.vee.estimating.gaps import gaps
from gridhall.metering.vee.estimating.shares import split
from gridhall.metering.vee.estimating.similar import similar_days
from gridhall.metering.vee.evidence import Curve
from gridhall.metering.vee.thresholds import thresholds

BY = thresholds()["residential"].estimation
DAY = date(2026, 10, 14)
"""A Wednesday, and a working day."""
SLOTS = 24

slots = st.integers(min_value=0, max_value=5000)
holes = st.sets(st.integers(min_value=0, max_value=SLOTS - 1), min_size=1, max_size=SLOTS)


def others(values: Sequence[int], days: Sequence[date] | None = None) -> list[tuple[date, Curve]]:
    chosen = days or [DAY - timedelta(days=back) for back in range(1, 15)]
    return [(day, Curve(60, 3, values, [0] * len(values))) for day in chosen]


def with_holes(values: Sequence[int], missing: set[int]) -> list[int]:
    return [MISSING if slot in missing else value for slot, value in enumerate(values)]


class TestSplitting:
    @given(total=st.integers(0, 10**9), weights=st.lists(st.fractions(min_value=0, max_value=10**6), min_size=1))
    def test_the_parts_sum_to_the_whole_and_none_is_a_count_off(self, total: int, weights: list[Fraction]) -> None:
        parts = split(total, weights=weights)
        assert sum(parts) == total
        whole = sum(weights)
        if whole:
            assert all(abs(part - total * weight / whole) < 1 for part, weight in zip(parts, weights, strict=True))

    def test_nothing_to_go_by_counts_alike(self) -> None:
        assert split(10, weights=[0, 0, 0]) == [4, 3, 3]


class TestGaps:
    def test_a_gap_on_the_edge_of_a_day_looks_over_it(self) -> None:
        (first, last) = gaps([MISSING, 5, 7, MISSING], before=3)
        assert (first.before, first.after) == (3, 5)
        assert (last.before, last.after) == (7, None)

    @given(values=st.lists(slots, min_size=SLOTS, max_size=SLOTS), missing=holes)
    def test_gaps_are_what_is_missing(self, values: list[int], missing: set[int]) -> None:
        assert {slot for gap in gaps(with_holes(values, missing)) for slot in gap.slots} == missing


class TestEstimating:
    @given(
        values=st.lists(slots, min_size=SLOTS, max_size=SLOTS),
        missing=holes,
        like=st.lists(st.integers(1, 5000), min_size=SLOTS, max_size=SLOTS),
        edges=st.tuples(st.none() | slots, st.none() | slots),
    )
    def test_a_day_of_known_registers_sums_to_them_exactly(
        self, values: list[int], missing: set[int], like: list[int], edges: tuple[int | None, int | None]
    ) -> None:
        gappy = with_holes(values, missing)
        registers = Decimal(sum(values)).scaleb(-3)
        made = estimate(
            Gappy(DAY, 60, 3, gappy, before=edges[0], after=edges[1], registers_kwh=registers, others=others(like)),
            by=BY,
        )
        assert isinstance(made, Estimated)
        assert {slot for slot, value in enumerate(made.values) if value >= 0} == missing
        whole = [new if new >= 0 else old for new, old in zip(made.values, gappy, strict=True)]
        assert sum(whole) == sum(values)
        assert {made.quality[slot] for slot in missing} <= {Quality.ESTIMATED, Quality.INTERPOLATED}
        assert all(made.quality[slot] == 255 for slot in range(SLOTS) if slot not in missing)

    def test_two_hours_lie_on_a_straight_line_and_three_do_not(self) -> None:
        values = [100] * 10 + [MISSING, MISSING] + [400] * 12
        made = estimate(Gappy(DAY, 60, 3, values), by=BY)
        assert isinstance(made, Estimated)
        assert made.values[10:12] == [200, 300]
        assert set(made.quality[10:12]) == {Quality.INTERPOLATED}
        longer = [100] * 10 + [MISSING] * 3 + [400] * 11
        assert estimate(Gappy(DAY, 60, 3, longer), by=BY) == NotEstimated("thin_history")

    def test_a_longer_gap_takes_similar_days_at_the_level_of_this_one(self) -> None:
        values = [200] * 12 + [MISSING] * 12
        made = estimate(Gappy(DAY, 60, 3, values, others=others([100] * 12 + [50] * 12)), by=BY)
        assert isinstance(made, Estimated)
        assert made.values[12:] == [100] * 12
        assert set(made.quality[12:]) == {Quality.ESTIMATED}

    def test_registers_below_what_was_measured_leave_the_gap_open(self) -> None:
        values = [200] * 12 + [MISSING] * 12
        gappy = Gappy(DAY, 60, 3, values, registers_kwh=Decimal(1), others=others([100] * 24))
        assert estimate(gappy, by=BY) == NotEstimated("registers_below_intervals")

    def test_a_whole_day_needs_no_estimate(self) -> None:
        assert estimate(Gappy(DAY, 60, 3, [1] * 24), by=BY) is None


class TestSimilarDays:
    def test_working_days_stand_in_for_working_days_and_days_off_for_days_off(self) -> None:
        working, off = Curve(60, 3, [1] * 24, [0] * 24), Curve(60, 3, [9] * 24, [0] * 24)
        # 10 October 2026 is a Saturday on which people work to make up for the national holidays.
        curves = [(date(2026, 10, 10), working), (date(2026, 10, 13), working), (date(2026, 10, 11), off)]
        assert similar_days(DAY, curves=curves, slots=24, minutes=60, most=4, least=2) == [working, working]

    @pytest.mark.parametrize("unfit", [[0] * 24, [MISSING, *[1] * 23]])
    def test_days_of_zeros_or_gaps_stand_in_for_none(self, unfit: list[int]) -> None:
        quality = [255 if value < 0 else 0 for value in unfit]
        curves = [(DAY - timedelta(days=back), Curve(60, 3, unfit, quality)) for back in range(1, 9)]
        assert similar_days(DAY, curves=curves, slots=24, minutes=60, most=4, least=2) == []

    def test_a_day_of_25_hours_has_no_like(self) -> None:
        assert similar_days(DAY, curves=others([1] * 24), slots=25, minutes=60, most=4, least=2) == []
