from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.kit.localdays import Days, Month, day_start, local_day, slots_in

ONE_DAY = timedelta(days=1)
# Clocks change at 1 or 2 in the morning, at midnight itself, by half an hour, or not at all.
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu")

days = st.dates(date(2000, 1, 1), date(2030, 12, 31))
zones = st.sampled_from(ZONES)
months = st.builds(Month, st.integers(1900, 2100), st.integers(1, 12))


class TestLocalDays:
    @given(days, zones)
    def test_a_day_begins_where_the_day_before_ends(self, day: date, zone: str) -> None:
        start = day_start(day, zone)
        assert local_day(start, zone) == day
        assert local_day(start - timedelta(milliseconds=1), zone) == day - ONE_DAY

    @given(days, zones, st.sampled_from([5, 15, 30, 60]))
    def test_slots_are_elapsed_time(self, day: date, zone: str, minutes: int) -> None:
        elapsed = day_start(day + ONE_DAY, zone) - day_start(day, zone)
        assert slots_in(day, zone, minutes) == elapsed // timedelta(minutes=minutes)

    @pytest.mark.parametrize(
        ("day", "quarters"), [(date(2026, 3, 29), 92), (date(2026, 10, 25), 100), (date(2026, 6, 1), 96)]
    )
    def test_a_day_has_92_96_or_100_quarters(self, day: date, quarters: int) -> None:
        assert slots_in(day, "Europe/Berlin", 15) == quarters

    def test_a_day_in_shanghai_begins_the_afternoon_before_in_utc(self) -> None:
        assert day_start(date(2026, 10, 1), "Asia/Shanghai") == datetime(2026, 9, 30, 16, tzinfo=UTC)


class TestMonths:
    @given(months)
    def test_a_label_is_read_as_it_was_written(self, month: Month) -> None:
        assert Month.parse(str(month)) == month

    @pytest.mark.parametrize("label", ["", "2026", "2026-13", "2026-00", "2026-1", "26-10", "2026-10-01", "2026/10"])
    def test_another_label_is_refused_with_an_example(self, label: str) -> None:
        with pytest.raises(ValueError, match="write it like 2026-10"):
            Month.parse(label)

    @given(months, st.integers(-1000, 1000))
    def test_shifting_there_and_back_changes_nothing(self, month: Month, by: int) -> None:
        assert month.shift(by).shift(-by) == month

    @given(months)
    def test_the_months_of_a_year_leave_no_day_out(self, month: Month) -> None:
        year = [month.shift(by).days for by in range(12)]
        assert all(one.end == following.start for one, following in pairwise(year))
        assert sum(len(one) for one in year) in {365, 366}

    @given(days)
    def test_a_day_lies_in_its_month(self, day: date) -> None:
        assert day in Month.of(day).days
        assert day not in Month.of(day).shift(1).days

    @given(months, months)
    def test_labels_sort_as_months_do(self, one: Month, other: Month) -> None:
        assert (str(one) < str(other)) == (one < other)


class TestRanges:
    @given(days, st.integers(0, 500))
    def test_a_range_yields_as_many_days_as_it_is_long_and_all_lie_in_it(self, start: date, length: int) -> None:
        found = Days(start, start + timedelta(days=length))
        listed = list(found)
        assert len(listed) == len(found) == length
        assert all(day in found for day in listed)
        assert found.end not in found

    def test_a_range_that_ends_before_it_starts_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"ends .* before it starts"):
            Days(date(2026, 2, 1), date(2026, 1, 31))
