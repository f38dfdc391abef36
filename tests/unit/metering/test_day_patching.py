"""The short way for one reading of a day makes what the long way makes."""

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
from gridhall.metering.histories.patching import patched

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
KEY = day_key(UUID(int=1), "import-kwh", date(2026, 10, 3))
SLOTS = 96
value = st.sampled_from([0, 1, 254, 255, 256, 65534, 65535, 65536, 10**6])
version = st.sampled_from([0, 0, 0, 0, 1, 2, 50_000, 1_790_000_000])


def a_piece(said: dict[int, tuple[int, int]], *, code: int = 0) -> DayPiece:
    """A piece of values with their versions by slot."""
    energies, codes, versions = [MISSING] * SLOTS, bytearray([MISSING_QUALITY]) * SLOTS, [0] * SLOTS
    for slot, (energy, of) in said.items():
        energies[slot], codes[slot], versions[slot] = energy, code, of
    return DayPiece(KEY, 15, 3, "Asia/Shanghai", "zhejiang-tou", energies, codes, versions if any(versions) else None)


def the_long_way(stored: DayBucket, piece: DayPiece, monkeypatch: pytest.MonkeyPatch) -> Merged:
    with monkeypatch.context() as without:
        without.setattr(merging, "patched", lambda *_, **__: None)
        return merge(stored, piece, now=NOW)


@pytest.fixture(scope="module")
def patch() -> pytest.MonkeyPatch:
    return pytest.MonkeyPatch()


@given(
    kept=st.dictionaries(st.integers(0, SLOTS - 1), st.tuples(value, version), min_size=1, max_size=SLOTS),
    laid=st.dictionaries(st.integers(0, SLOTS - 1), st.tuples(value, version), min_size=1, max_size=8),
    codes=st.tuples(st.sampled_from([0, 8, 19]), st.sampled_from([0, 8, 19])),
)
def test_readings_laid_over_a_day_make_the_same_by_either_way(
    patch: pytest.MonkeyPatch,
    *,
    kept: dict[int, tuple[int, int]],
    laid: dict[int, tuple[int, int]],
    codes: tuple[int, int],
) -> None:
    stored = merge(None, a_piece(kept, code=codes[0]), now=NOW).bucket
    assert stored
    piece = a_piece(laid, code=codes[1])
    assert merge(stored, piece, now=NOW) == the_long_way(stored, piece, patch)


def test_a_day_with_a_corrected_reading_takes_the_short_way_too() -> None:
    stored = merge(None, a_piece({3: (5, 0), 4: (6, 1)}), now=NOW).bucket
    assert stored
    assert patched(stored, a_piece({5: (7, 0), 9: (8, 0)}), now=NOW)


def test_a_day_kept_by_another_calendar_is_summed_anew(patch: pytest.MonkeyPatch) -> None:
    stored = merge(None, a_piece({3: (5, 0)}), now=NOW).bucket
    assert stored
    stored = stored._replace(calendar="shaanxi-tou")
    piece = a_piece({4: (7, 0)})
    assert merge(stored, piece, now=NOW) == the_long_way(stored, piece, patch)


@given(st.lists(st.one_of(st.just(MISSING), value), min_size=SLOTS, max_size=SLOTS))
def test_present_values_are_counted_without_unpacking_them(values: list[int]) -> None:
    assert count_present(pack(values), slots=SLOTS) == SLOTS - values.count(MISSING)
