"""What becomes of a kept day when readings of it arrive."""

from datetime import UTC, date, datetime
from uuid import UUID

from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.merge import Merged, merge
from gridhall.metering.histories.model import DayBucket, DayPiece
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY

NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEY = day_key(UUID(int=1), "import-kwh", date(2026, 10, 3))


def piece(readings: dict[int, int], *, quality: int = 0, scale: int = 3, minutes: int = 60) -> DayPiece:
    slots = 24 * 60 // minutes
    values, codes = [MISSING] * slots, bytearray([MISSING_QUALITY]) * slots
    for slot, value in readings.items():
        values[slot], codes[slot] = value, quality
    return DayPiece(KEY, minutes, scale, "Asia/Shanghai", "zhejiang-tou", values, codes)


def kept(readings: dict[int, int], **more: int) -> DayBucket:
    bucket = merge(None, piece(readings, **more), now=NOW).bucket
    assert bucket
    return bucket


def counts(merged: Merged) -> tuple[int, int, int]:
    return merged.accepted, merged.duplicate, merged.corrected


class TestADayThatIsNotKeptYet:
    def test_is_accepted_with_its_totals_by_period(self) -> None:
        merged = merge(None, piece({9: 100, 10: 50, 2: 7}), now=NOW)
        assert counts(merged) == (3, 0, 0)
        assert merged.bucket
        assert merged.bucket.revision == 1
        assert merged.bucket.totals == {"peak": 150, "valley": 7}

    def test_without_any_value_is_not_written(self) -> None:
        assert merge(None, piece({}), now=NOW) == Merged(None)


class TestAKeptDay:
    def test_is_not_touched_by_the_same_readings(self) -> None:
        merged = merge(kept({1: 5, 2: 6}), piece({1: 5, 2: 6}), now=NOW)
        assert merged == Merged(None, duplicate=2)

    def test_is_not_touched_by_some_of_its_readings(self) -> None:
        assert merge(kept({1: 5, 2: 6}), piece({2: 6}), now=NOW) == Merged(None, duplicate=1)

    def test_is_filled_up_without_an_older_revision_because_nothing_is_overwritten(self) -> None:
        merged = merge(kept({1: 5}), piece({1: 5, 2: 6}), now=NOW)
        assert counts(merged) == (1, 1, 0)
        assert merged.replaced is None
        assert merged.bucket
        assert (merged.bucket.revision, merged.bucket.totals) == (2, {"peak": 0, "valley": 11})

    def test_is_corrected_and_the_older_revision_handed_back_to_keep(self) -> None:
        before = kept({1: 5, 2: 6})
        merged = merge(before, piece({2: 7}), now=NOW)
        assert counts(merged) == (0, 0, 1)
        assert merged.replaced is before
        assert merged.bucket
        assert merged.bucket.unpacked()[:4] == [MISSING, 5, 7, MISSING]

    def test_is_corrected_by_a_better_quality_of_the_same_value(self) -> None:
        assert counts(merge(kept({1: 5}), piece({1: 5}, quality=17), now=NOW)) == (0, 0, 1)


class TestEstimates:
    def test_never_take_the_place_of_a_measured_value(self) -> None:
        for quality in (8, 9, 11, 12):
            assert merge(kept({1: 5}), piece({1: 9}, quality=quality), now=NOW) == Merged(None, duplicate=1)

    def test_are_replaced_by_the_measured_value(self) -> None:
        merged = merge(kept({1: 9}, quality=8), piece({1: 5}), now=NOW)
        assert counts(merged) == (0, 0, 1)
        assert merged.bucket
        assert merged.bucket.quality == 0

    def test_fill_gaps_and_say_so(self) -> None:
        merged = merge(kept({1: 5}), piece({1: 9, 2: 9}, quality=9), now=NOW)
        assert counts(merged) == (1, 1, 0)
        assert merged.bucket
        assert isinstance(merged.bucket.quality, bytes)
        assert merged.bucket.quality[1:3] == bytes([0, 9])


class TestAMeterThatCountsFinerThanBefore:
    def test_lifts_the_kept_values_to_its_scale(self) -> None:
        merged = merge(kept({1: 5}, scale=2), piece({1: 50, 2: 7}, scale=3), now=NOW)
        assert counts(merged) == (1, 1, 0)
        assert merged.bucket
        assert (merged.bucket.scale, merged.bucket.unpacked()[1:3]) == (3, [50, 7])

    def test_takes_coarser_readings_at_the_kept_scale(self) -> None:
        assert merge(kept({1: 50}, scale=3), piece({1: 5}, scale=2), now=NOW) == Merged(None, duplicate=1)

    def test_with_other_slots_begins_the_day_anew_and_keeps_the_older_one(self) -> None:
        before = kept({1: 5}, minutes=60)
        merged = merge(before, piece({1: 2, 2: 3}, minutes=30), now=NOW)
        assert merged.replaced is before
        assert merged.bucket
        assert (merged.bucket.minutes, merged.bucket.revision, merged.corrected) == (30, 2, 2)
