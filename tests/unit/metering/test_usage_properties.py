"""What holds of every history: however it is cut it amounts to the same, and a gap is never shown as a fall."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.kit.localdays import Days, Month, slots_in
from gridhall.metering.histories.comparing import Against, compare, counterpart
from gridhall.metering.histories.curve import curve
from gridhall.metering.histories.figures import figures_of, peak_demand
from gridhall.metering.histories.keys import day_key, month_key
from gridhall.metering.histories.merge import merge
from gridhall.metering.histories.model import DayBucket, DayPiece, DayTotals, MonthOfDays
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY
from gridhall.metering.histories.ranges import RangeLimits, RangeRefusedError, Resolution, months_of, overlap
from gridhall.metering.histories.series import IntervalSeries
from gridhall.metering.histories.tables import DaysKept
from gridhall.metering.histories.totals import totals_of
from gridhall.metering.points.model import ServicePoint

NOW = datetime(2026, 11, 1, tzinfo=UTC)
POINT = ServicePoint(UUID(int=7), "scotland", "grid/city", "Europe/London", "zhejiang-tou")
CALENDARS = ("zhejiang-tou", "sichuan-tou", "single")
TURN = Days(date(2026, 3, 27), date(2026, 4, 2))
"""Six days over a change of month; the 29th of March has 23 hours in London."""

energies = st.lists(st.one_of(st.none(), st.integers(0, 5000)), min_size=12, max_size=12)


def bucket(day: date, pattern: list[int | None], *, code: str, scale: int = 3) -> DayBucket | None:
    """A day of quarters that repeats a pattern; None of it is missing."""
    slots = slots_in(day, POINT.zone, 15)
    values = [MISSING if (value := pattern[slot % len(pattern)]) is None else value for slot in range(slots)]
    codes = bytearray(MISSING_QUALITY if value < 0 else 0 for value in values)
    piece = DayPiece(day_key(POINT.id, "import-kwh", day), 15, scale, POINT.zone, code, values, codes)
    return merge(None, piece, now=NOW).bucket


def months_with(entries: Mapping[date, DayTotals]) -> dict[Month, MonthOfDays]:
    months: dict[Month, dict[int, DayTotals]] = {}
    for day, entry in entries.items():
        months.setdefault(Month.of(day), {})[day.day] = entry
    return {
        month: MonthOfDays(month_key(POINT.id, "import-kwh", month), 1, 15, POINT.zone, NOW, days)
        for month, days in months.items()
    }


def kept(entries: Mapping[date, DayTotals]) -> DaysKept:
    return DaysKept(point=POINT, channel="import-kwh", months=months_with(entries))


@st.composite
def histories(draw: st.DrawFn) -> dict[date, DayBucket]:
    """Days over the turn of a month and of the clocks, with gaps, of several calendars and scales."""
    days = {}
    for day in TURN:
        made = bucket(day, draw(energies), code=draw(st.sampled_from(CALENDARS)), scale=draw(st.sampled_from((2, 3))))
        if made and draw(st.booleans()):
            days[day] = made
    return days


def by_period(series: IntervalSeries) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for value, period in zip(series.values, series.periods, strict=True):
        code = series.period_codes[period]
        found[code] = found.get(code, Decimal(0)) + Decimal(value or 0).scaleb(-series.scale)
    return {code: value for code, value in found.items() if value}


@settings(max_examples=40)
@given(histories())
def test_every_resolution_amounts_to_the_same_total_and_the_same_periods(buckets: dict[date, DayBucket]) -> None:
    fine = curve(point=POINT, channel="import-kwh", days=TURN, buckets=buckets, minutes=15)
    table = kept({day: totals_of(one) for day, one in buckets.items()})
    for series in (table.by_day(TURN), table.by_month(TURN), table.by_year(TURN)):
        assert series.total == fine.total
        assert sum(series.present) == fine.present
        assert sum(series.expected) == fine.expected
        sums = {
            code: Decimal(sum(value or 0 for value in column)).scaleb(-series.scale)
            for code, column in series.by_period.items()
        }
        assert {code: value for code, value in sums.items() if value} == by_period(fine)


@settings(max_examples=40)
@given(histories(), st.sampled_from((30, 60)))
def test_a_longer_slot_is_the_sum_of_its_parts_or_missing(buckets: dict[date, DayBucket], minutes: int) -> None:
    fine, coarse = (
        curve(point=POINT, channel="import-kwh", days=TURN, buckets=buckets, minutes=each) for each in (15, minutes)
    )
    by = minutes // 15
    parts = [fine.values[first : first + by] for first in range(0, len(fine.values), by)]
    assert coarse.values == tuple(None if None in part else sum(value or 0 for value in part) for part in parts)
    assert len(coarse.values) * by == len(fine.values) == sum(slots_in(day, POINT.zone, 15) for day in TURN)


@settings(max_examples=40)
@given(histories(), st.integers(0, 6))
def test_two_parts_of_a_range_amount_to_the_whole(buckets: dict[date, DayBucket], cut: int) -> None:
    at = TURN.start + timedelta(days=cut)
    parts = [
        curve(
            point=POINT,
            channel="import-kwh",
            days=days,
            buckets={day: one for day, one in buckets.items() if day in days},
            minutes=15,
        )
        for days in (Days(TURN.start, at), Days(at, TURN.end))
    ]
    whole = curve(point=POINT, channel="import-kwh", days=TURN, buckets=buckets, minutes=15)
    assert sum(part.total for part in parts) == whole.total


def day_of(kwh: int, *, share: float = 1) -> DayTotals:
    present = int(96 * share)
    return DayTotals(revision=1, scale=0, present=present, expected=96, quality=0, totals={"total": kwh})


def entries(days: Days, kwh: int) -> dict[date, DayTotals]:
    return dict.fromkeys(days, day_of(kwh))


def month(text: str) -> Days:
    return Month.parse(text).days


class TestComparing:
    def test_a_running_month_is_set_beside_as_many_days_of_the_last(self) -> None:
        october = Days(date(2026, 10, 1), date(2026, 10, 8))
        table = kept(entries(month("2026-09"), 10) | entries(october, 12))
        found = compare(kept=table, days=month("2026-10"), against=Against.PREVIOUS_PERIOD, today=date(2026, 10, 8))
        assert (found.pairs, found.total, found.other_total, found.change) == (7, 84, 70, Decimal("0.2"))
        assert found.days == october

    def test_the_31st_has_nobody_to_be_compared_with(self) -> None:
        table = kept(entries(month("2026-09"), 10) | entries(month("2026-10"), 10))
        found = compare(kept=table, days=month("2026-10"), against=Against.PREVIOUS_PERIOD, today=date(2026, 11, 1))
        assert (found.pairs, found.change) == (30, 0)

    def test_neither_has_the_29th_of_february(self) -> None:
        table = kept(entries(month("2024-02"), 10) | entries(month("2023-02"), 5))
        found = compare(
            kept=table, days=month("2024-02"), against=Against.SAME_PERIOD_LAST_YEAR, today=date(2024, 4, 1)
        )
        assert (found.pairs, found.change, found.other) == (28, 1, month("2023-02"))
        back = counterpart(month("2025-02"), Against.SAME_PERIOD_LAST_YEAR)
        assert back[0] == month("2024-02")

    def test_half_a_history_is_no_fall(self) -> None:
        half = entries(Days(date(2026, 10, 1), date(2026, 10, 16)), 10)
        thin = {day: day_of(1, share=0.2) for day in Days(date(2026, 10, 16), date(2026, 11, 1))}
        table = kept(entries(month("2026-09"), 10) | half | thin)
        found = compare(kept=table, days=month("2026-10"), against=Against.PREVIOUS_PERIOD, today=date(2026, 11, 1))
        assert (found.pairs, found.change) == (15, 0)

    def test_less_than_half_is_not_compared(self) -> None:
        few = entries(Days(date(2026, 10, 1), date(2026, 10, 5)), 1)
        table = kept(entries(month("2026-09"), 10) | few)
        found = compare(kept=table, days=month("2026-10"), against=Against.PREVIOUS_PERIOD, today=date(2026, 11, 1))
        assert (found.total, found.change, found.reason) == (None, None, "thin_history")

    @pytest.mark.parametrize(
        ("before", "today", "reason"),
        [
            ({}, date(2026, 11, 1), "no_history"),
            (entries(month("2026-09"), 10), date(2026, 10, 1), "not_begun"),
            (entries(month("2026-09"), 0), date(2026, 11, 1), "was_zero"),
        ],
    )
    def test_what_cannot_be_compared_says_why(self, before: dict[date, DayTotals], today: date, reason: str) -> None:
        table = kept(before | entries(month("2026-10"), 10))
        found = compare(kept=table, days=month("2026-10"), against=Against.PREVIOUS_PERIOD, today=today)
        assert (found.change, found.reason) == (None, reason)

    def test_any_other_range_is_set_beside_the_one_before_it(self) -> None:
        week = Days(date(2026, 10, 5), date(2026, 10, 12))
        other, find = counterpart(week, Against.PREVIOUS_PERIOD)
        assert other == Days(date(2026, 9, 28), date(2026, 10, 5))
        assert find(date(2026, 10, 5)) == date(2026, 9, 28)

    @given(st.dates(date(2020, 1, 1), date(2028, 12, 31)), st.integers(1, 800), st.sampled_from(Against))
    def test_no_day_has_a_counterpart_outside_the_other_range_or_shares_one(
        self, start: date, length: int, against: Against
    ) -> None:
        days = Days(start, start + timedelta(days=length))
        other, find = counterpart(days, against)
        found = [beside for day in days if (beside := find(day))]
        assert len(set(found)) == len(found)
        assert all(beside in other for beside in found)


class TestFigures:
    def test_leave_out_what_is_not_whole(self) -> None:
        days = Days(date(2026, 10, 1), date(2026, 10, 4))
        table = kept(dict(zip(days, (day_of(9), day_of(3, share=0.5), day_of(12)), strict=True)))
        found = figures_of(table.by_day(days))
        assert found
        assert (found.least, found.most, found.mean, found.least_at, found.slots) == (9, 12, Decimal("10.5"), 0, 2)

    def test_of_nothing_are_none(self) -> None:
        series = curve(point=POINT, channel="import-kwh", days=TURN, buckets={}, minutes=15)
        assert (figures_of(series), peak_demand(series)) == (None, None)

    def test_the_peak_demand_is_the_first_highest_power(self) -> None:
        one = bucket(TURN.start, [100, 250, 250], code="single")
        assert one
        series = curve(point=POINT, channel="import-kwh", days=TURN, buckets={TURN.start: one}, minutes=15)
        found = peak_demand(series)
        assert found
        assert (found.kw, found.at, found.minutes) == (Decimal(1), series.start + timedelta(minutes=15), 15)


class TestRanges:
    LIMITS = RangeLimits(dict.fromkeys(Resolution, 92))

    @given(st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.integers(1, 92))
    def test_months_of_days_hold_all_of_them(self, start: date, length: int) -> None:
        days = Days(start, start + timedelta(days=length))
        assert sum(len(overlap(month.days, days)) for month in months_of(days)) == length

    @pytest.mark.parametrize(
        ("resolution", "first", "end"),
        [
            (Resolution.DAY, date(2026, 10, 30), date(2026, 11, 1)),
            (Resolution.MONTH, date(2026, 10, 1), date(2026, 12, 1)),
        ],
    )
    def test_the_last_two(self, resolution: Resolution, first: date, end: date) -> None:
        assert self.LIMITS.last(2, resolution=resolution, today=date(2026, 11, 1)) == Days(first, end)

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (date(2026, 1, 1), date(2026, 1, 1)),
            (date(2026, 1, 1), date(2026, 6, 1)),
            (date(1, 1, 1), date(1, 1, 2)),
            (date(9999, 12, 30), date(9999, 12, 31)),
        ],
    )
    def test_what_is_empty_too_long_or_beyond_time_is_refused(self, start: date, end: date) -> None:
        with pytest.raises(RangeRefusedError, match="1 to 92 days"):
            self.LIMITS.check(start=start, end=end, resolution=Resolution.DAY)


def test_a_day_keeps_the_calendar_by_which_it_was_summed_up() -> None:
    one = bucket(TURN.start, [100], code="single")
    assert one
    series = curve(point=POINT, channel="import-kwh", days=TURN, buckets={TURN.start: one}, minutes=60)
    assert series.period_codes == ("peak", "valley", "total")
    assert {series.period_codes[index] for index in series.periods[:24]} == {"total"}
    assert replace(series).total == Decimal("9.6")
