"""Days joined to series, and added up."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from gridhall.kit.localdays import Days, Month
from gridhall.metering.histories.coarsen import coarsen
from gridhall.metering.histories.curve import UnfitSlotsError, curve
from gridhall.metering.histories.keys import channel_of, day_key, day_of, month_key, month_of, point_of
from gridhall.metering.histories.merge import merge
from gridhall.metering.histories.model import DayBucket, DayPiece, DayTotals
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY
from gridhall.metering.histories.summing import add_up
from gridhall.metering.histories.totals import totals_of
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.quality import worst

NOW = datetime(2026, 11, 1, tzinfo=UTC)
POINT = ServicePoint(UUID(int=7), "zhejiang", "grid/city", "Asia/Shanghai", "zhejiang-tou")


def bucket(day: date, values: list[int], *, scale: int = 3, quality: int = 0) -> DayBucket:
    codes = bytearray(MISSING_QUALITY if value < 0 else quality for value in values)
    key = day_key(POINT.id, "import-kwh", day)
    piece = DayPiece(key, 24 * 60 // len(values), scale, POINT.zone, POINT.calendar, values, codes)
    made = merge(None, piece, now=NOW).bucket
    assert made
    return made


class TestKeys:
    def test_tell_what_they_were_made_of(self) -> None:
        key = day_key(POINT.id, "export-kwh", date(2026, 10, 3))
        assert (len(key), point_of(key), channel_of(key), day_of(key)) == (
            21,
            POINT.id,
            "export-kwh",
            date(2026, 10, 3),
        )

    def test_of_a_point_sort_by_time(self) -> None:
        days = [date(1999, 12, 31), date(2026, 1, 1), date(2026, 12, 31)]
        keys = [day_key(POINT.id, "import-kwh", day) for day in days]
        assert keys == sorted(keys)

    def test_of_months_turn_back_into_months(self) -> None:
        for month in (1, 12):
            found = month_of(month_key(POINT.id, "import-kwh", Month(2026, month)))
            assert (found.year, found.number) == (2026, month)


class TestACurve:
    def test_has_a_place_for_every_slot_of_every_day(self) -> None:
        days = Days(date(2026, 10, 1), date(2026, 10, 4))
        series = curve(
            point=POINT,
            channel="import-kwh",
            days=days,
            buckets={date(2026, 10, 2): bucket(date(2026, 10, 2), [MISSING, *[100] * 23], quality=8)},
            minutes=60,
        )
        assert series.start == datetime(2026, 9, 30, 16, tzinfo=UTC)
        assert series.values[23:27] == (None, None, 100, 100)
        assert series.quality[23:27] == (None, None, 8, 8)
        assert (series.present, series.expected, len(series.periods)) == (23, 72, 72)
        assert series.first_slots == (0, 24, 48)
        assert str(series.total) == "2.300"
        assert {series.period_codes[index] for index in series.periods[8:22]} == {"peak"}

    def test_of_days_with_different_scales_takes_the_finer_one(self) -> None:
        buckets = {
            date(2026, 10, 1): bucket(date(2026, 10, 1), [5] * 24, scale=1),
            date(2026, 10, 2): bucket(date(2026, 10, 2), [5] * 24, scale=3),
        }
        days = Days(date(2026, 10, 1), date(2026, 10, 3))
        series = curve(point=POINT, channel="import-kwh", days=days, buckets=buckets, minutes=60)
        assert (series.scale, series.values[0], series.values[24]) == (3, 500, 5)

    def test_of_nothing_is_all_missing(self) -> None:
        days = Days(date(2026, 10, 1), date(2026, 10, 2))
        series = curve(point=POINT, channel="import-kwh", days=days, buckets={}, minutes=15)
        assert (series.present, series.expected, series.as_of) == (0, 96, None)

    def test_in_slots_that_do_not_fit_is_refused(self) -> None:
        days = Days(date(2026, 10, 1), date(2026, 10, 2))
        with pytest.raises(UnfitSlotsError, match="15 is no multiple of the 60 minutes measured on 2026-10-01"):
            curve(
                point=POINT,
                channel="import-kwh",
                days=days,
                buckets={date(2026, 10, 1): bucket(date(2026, 10, 1), [5] * 24)},
                minutes=15,
            )


def test_a_longer_slot_is_missing_where_a_part_of_it_is() -> None:
    values, codes = coarsen([1, 2, MISSING, 4, 5, 6], [0, 8, MISSING_QUALITY, 0, 0, 0], by=2)
    assert (values, codes) == ([3, MISSING, 11], [8, MISSING_QUALITY, 0])


def test_a_month_keeps_of_a_day_what_it_amounts_to() -> None:
    totals = totals_of(bucket(date(2026, 10, 1), [MISSING, *[10] * 23], quality=9))
    assert totals == DayTotals(
        revision=1, scale=3, present=23, expected=24, quality=9, totals={"peak": 140, "valley": 90}
    )


def test_days_of_different_scales_and_calendars_add_up() -> None:
    one = DayTotals(revision=1, scale=2, present=24, expected=24, quality=0, totals={"total": 150})
    other = DayTotals(revision=1, scale=3, present=20, expected=24, quality=8, totals={"peak": 1, "valley": 2})
    found = add_up([one, other], scale=3)
    assert (found.total, found.by_period) == (1503, {"total": 1500, "peak": 1, "valley": 2})
    assert (found.present, found.quality) == (44, 8)


def test_the_worst_quality_is_the_least_trusted_and_not_the_largest_number() -> None:
    assert worst([19, 0, 17]) == 0
    assert worst([0, 12, 9]) == 12
    assert worst([]) is None
