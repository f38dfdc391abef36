"""What becomes of a kept day when readings of it arrive."""

from datetime import UTC, date, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gridhall.metering.histories.coarsen import coarsen
from gridhall.metering.histories.documents import from_bucket, to_bucket
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.merge import Merged, merge
from gridhall.metering.histories.model import DayBucket, DayPiece
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY, unpack_versions
from gridhall.metering.histories.reslotting import carried_over

NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEY = day_key(UUID(int=1), "import-kwh", date(2026, 10, 3))


def piece(
    readings: dict[int, int], *, quality: int = 0, scale: int = 3, minutes: int = 60, version: int = 0
) -> DayPiece:
    slots = 24 * 60 // minutes
    versions = [version] * slots if version else None
    values, codes = [MISSING] * slots, bytearray([MISSING_QUALITY]) * slots
    for slot, value in readings.items():
        values[slot], codes[slot] = value, quality
    return DayPiece(KEY, minutes, scale, "Asia/Shanghai", "zhejiang-tou", values, codes, versions)


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


class TestVersions:
    def test_of_two_measured_values_the_higher_holds_whichever_came_first(self) -> None:
        older, newer = piece({1: 5}, version=1), piece({1: 7}, version=2)
        for first, second in ((older, newer), (newer, older)):
            begun = merge(None, first, now=NOW).bucket
            day = merge(begun, second, now=NOW).bucket or begun
            assert day
            assert (day.unpacked()[1], day.versions) == (7, 2)

    def test_any_outranks_none(self) -> None:
        assert merge(kept({1: 5}, version=1), piece({1: 7}), now=NOW) == Merged(None, duplicate=1)

    def test_of_equal_ones_the_later_arrival_holds(self) -> None:
        assert counts(merge(kept({1: 5}, version=3), piece({1: 7}, version=3), now=NOW)) == (0, 0, 1)

    def test_an_estimate_never_outranks_a_measured_value(self) -> None:
        assert merge(kept({1: 5}), piece({1: 7}, version=9, quality=8), now=NOW) == Merged(None, duplicate=1)
        assert counts(merge(kept({1: 7}, version=9, quality=8), piece({1: 5}), now=NOW)) == (0, 0, 1)

    def test_the_same_value_in_a_higher_one_raises_the_version_and_keeps_no_older_revision(self) -> None:
        merged = merge(kept({1: 5, 2: 6}, version=1), piece({1: 5}, version=3), now=NOW)
        assert counts(merged) == (0, 1, 0)
        assert merged.replaced is None
        assert merged.bucket
        assert unpack_versions(merged.bucket.versions, merged.bucket.unpacked())[:4] == [0, 3, 1, 0]

    def test_are_not_kept_where_no_reading_has_one(self) -> None:
        assert "versions" not in from_bucket(kept({1: 5}))
        assert to_bucket(from_bucket(kept({1: 5}))).versions == 0
        assert to_bucket(from_bucket(kept({1: 5}, version=4))).versions == 4


class TestAMeterThatWasRegisteredAnewWithOtherSlots:
    def test_keeps_the_energy_of_the_day_as_derived_until_readings_take_its_place(self) -> None:
        before = kept({1: 5}, minutes=60)
        merged = merge(before, piece({0: 1, 2: 2}, minutes=30), now=NOW)
        assert merged.replaced is before
        assert merged.bucket
        assert (merged.bucket.minutes, merged.bucket.revision, counts(merged)) == (30, 2, (1, 0, 1))
        assert merged.bucket.unpacked()[:5] == [1, MISSING, 2, 2, MISSING]
        assert isinstance(merged.bucket.quality, bytes)
        assert list(merged.bucket.quality[:4]) == [0, MISSING_QUALITY, 0, 11]

    def test_adds_shorter_slots_up(self) -> None:
        before = kept({0: 1, 1: 2, 2: 3, 3: 4, 4: 9}, minutes=15, version=2)
        merged = merge(before, piece({5: 50}, minutes=60), now=NOW)
        assert merged.bucket
        values = merged.bucket.unpacked()
        assert (values[:2], values[5]) == ([10, MISSING], 50)
        assert merged.replaced is before, "which still has the quarter that is no whole hour"
        assert unpack_versions(merged.bucket.versions, values)[:6] == [2, 0, 0, 0, 0, 0]

    def test_is_changed_by_no_estimate_of_an_older_version(self) -> None:
        estimate = piece({2: 9}, minutes=30, quality=8)
        assert merge(kept({1: 5}, version=1), estimate, now=NOW) == Merged(None, duplicate=1)

    @given(st.lists(st.none() | st.integers(0, 500), min_size=24, max_size=24), st.sampled_from([5, 10, 15, 30]))
    def test_loses_no_energy_to_shorter_slots(self, hours: list[int | None], minutes: int) -> None:
        day = kept({slot: value for slot, value in enumerate(hours) if value is not None} or {0: 0})
        carried = carried_over(day, minutes=minutes)
        assert sum(value for value in carried.values if value > 0) == sum(value or 0 for value in hours)
        joined, _ = coarsen(carried.values, carried.quality, by=60 // minutes)
        assert joined == day.unpacked()
