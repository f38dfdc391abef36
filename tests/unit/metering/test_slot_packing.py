"""Packed values of a day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.metering.histories.packing import (
    MAX_VALUE,
    MISSING,
    MISSING_QUALITY,
    pack,
    pack_quality,
    pack_versions,
    unpack,
    unpack_quality,
    unpack_versions,
)

slot_values = st.lists(st.just(MISSING) | st.integers(0, 300) | st.integers(0, MAX_VALUE), min_size=1, max_size=100)


@given(slot_values)
def test_what_is_packed_is_unpacked_again(values: list[int]) -> None:
    assert unpack(pack(values), slots=len(values)) == values


@pytest.mark.parametrize(("most", "width"), [(254, 1), (255, 2), (65_534, 2), (65_535, 4), (2**32 - 1, 8)])
def test_the_smallest_width_that_leaves_its_largest_number_for_missing_is_taken(most: int, width: int) -> None:
    assert len(pack([0, most])) == 2 * width


def test_numbers_are_little_endian_and_missing_is_all_ones() -> None:
    assert pack([1, 258, MISSING]) == bytes([1, 0, 2, 1, 255, 255])


def test_a_value_beyond_the_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="more than one slot can hold"):
        pack([MAX_VALUE + 1])


def test_one_quality_for_all_present_slots_is_kept_as_one_number() -> None:
    assert pack_quality(bytes([8, MISSING_QUALITY, 8])) == 8
    assert unpack_quality(8, [5, MISSING, 7]) == bytearray([8, MISSING_QUALITY, 8])


def test_two_qualities_are_kept_slot_by_slot() -> None:
    codes = bytes([0, MISSING_QUALITY, 8])
    assert pack_quality(codes) == codes
    assert unpack_quality(codes, [5, MISSING, 7]) == bytearray(codes)


@given(st.lists(st.tuples(st.just(MISSING) | st.just(7), st.integers(0, 3) | st.integers(0, MAX_VALUE)), min_size=1))
def test_versions_of_present_slots_are_unpacked_again(slots: list[tuple[int, int]]) -> None:
    values, versions = [value for value, _ in slots], [version for _, version in slots]
    kept = [version if value >= 0 else 0 for value, version in slots]
    packed = pack_versions(versions, values)
    assert unpack_versions(packed, values) == kept
    assert pack_versions(kept, values) == packed, "what a missing slot is given makes no difference"


def test_one_version_for_all_present_slots_is_kept_as_one_number() -> None:
    assert pack_versions(None, [5, 7]) == 0
    assert pack_versions([3, 9, 3], [5, MISSING, 7]) == 3


@pytest.mark.parametrize("late", [[0], [3, 200, 17]])
def test_quarters_made_soon_after_they_passed_cost_a_byte_each(late: list[int]) -> None:
    made = [1_790_000_000 + 900 * slot + late[slot % len(late)] for slot in range(96)]
    packed = pack_versions(made, [5] * 96)
    assert isinstance(packed, bytes)
    assert len(packed) == 20 + 96
    assert unpack_versions(packed, [5] * 96) == made
