"""The short way for one reading of a day makes what the long way makes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.metering.histories import merge as merging
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.merge import Merged, merge
from gridhall.metering.histories.model import DayBucket, DayPiece
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY, count_present, pack

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
KEY = day_key(UUID(int=1), "import-kwh", date(2026, 10, 3))
SLOTS = 96
value = st.sampled_from([0, 1, 254, 255, 256, 65534, 65535, 65536, 10**6])


def a_piece(values: dict[int, int], *, code: int = 0, version: int = 0) -> DayPiece:
    energies, codes = [MISSING] * SLOTS, bytearray([MISSING_QUALITY]) * SLOTS
    for slot, energy in values.items():
        energies[slot], codes[slot] = energy, code
    versions = [version] * SLOTS if version else None
    return DayPiece(KEY, 15, 3, "Asia/Shanghai", "zhejiang-tou", energies, codes, versions)


def the_long_way(stored: DayBucket, piece: DayPiece, monkeypatch: pytest.MonkeyPatch) -> Merged:
    with monkeypatch.context() as without:
        without.setattr(merging, "patched", lambda *_, **__: None)
        return merge(stored, piece, now=NOW)


@pytest.fixture(scope="module")
def patch() -> pytest.MonkeyPatch:
    return pytest.MonkeyPatch()


@given(
    kept=st.dictionaries(st.integers(0, SLOTS - 1), value, min_size=1, max_size=SLOTS),
    slot=st.integers(0, SLOTS - 1),
    energy=value,
    codes=st.tuples(st.sampled_from([0, 8, 19]), st.sampled_from([0, 8, 19])),
    versions=st.sampled_from([(0, 0), (0, 1), (1, 0), (2, 2)]),
)
def test_one_reading_laid_over_a_day_is_the_same_by_either_way(
    patch: pytest.MonkeyPatch,
    *,
    kept: dict[int, int],
    slot: int,
    energy: int,
    codes: tuple[int, int],
    versions: tuple[int, int],
) -> None:
    stored = merge(None, a_piece(kept, code=codes[0], version=versions[0]), now=NOW).bucket
    assert stored
    piece = a_piece({slot: energy}, code=codes[1], version=versions[1])
    assert merge(stored, piece, now=NOW) == the_long_way(stored, piece, patch)


def test_a_day_kept_by_another_calendar_is_summed_anew(patch: pytest.MonkeyPatch) -> None:
    stored = merge(None, a_piece({3: 5}), now=NOW).bucket
    assert stored
    stored = replace(stored, calendar="shaanxi-tou")
    piece = a_piece({4: 7})
    assert merge(stored, piece, now=NOW) == the_long_way(stored, piece, patch)


@given(st.lists(st.one_of(st.just(MISSING), value), min_size=SLOTS, max_size=SLOTS))
def test_present_values_are_counted_without_unpacking_them(values: list[int]) -> None:
    assert count_present(pack(values), slots=SLOTS) == SLOTS - values.count(MISSING)
