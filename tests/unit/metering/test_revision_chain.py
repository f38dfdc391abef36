"""Nothing is overwritten without its older revision: every value that ever stood can be read back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.merge import merge
from gridhall.metering.histories.model import DayBucket, DayPiece
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY, unpack_quality
from gridhall.metering.registers.merge import merge_read
from gridhall.metering.registers.model import RegisterDay, RegisterRead
from tests.factories.reads import a_read

POINT, DAY, NOW = UUID(int=1), date(2026, 10, 15), datetime(2026, 10, 16, tzinfo=UTC)
KEY = day_key(POINT, "import-kwh", DAY)
QUALITIES = st.sampled_from([0, 7, 8, 9, 17])

slot = st.none() | st.tuples(st.integers(0, 3), QUALITIES, st.integers(0, 2))
"""Few values, so that they repeat; a quality of a meter, a person or an estimate; a version."""

hours = st.lists(slot, min_size=24, max_size=24).map(lambda slots: (60, slots))
halves = st.lists(slot, min_size=48, max_size=48).map(lambda slots: (30, slots))
"""A meter may be registered anew with other slots within its day."""


@dataclass(frozen=True)
class Chain:
    """All states that a day went through, and what was kept of them."""

    states: Sequence[DayBucket]
    kept: Sequence[DayBucket]


def a_piece(minutes: int, slots: Sequence[tuple[int, int, int] | None]) -> DayPiece:
    return DayPiece(
        KEY,
        minutes,
        3,
        "Asia/Shanghai",
        "single",
        [one[0] if one else MISSING for one in slots],
        bytearray([one[1] if one else MISSING_QUALITY for one in slots]),
        versions=[one[2] if one else 0 for one in slots],
    )


def told(bucket: DayBucket) -> dict[int, tuple[int, int]]:
    """What a day says, slot by slot."""
    values = bucket.unpacked()
    quality = unpack_quality(bucket.quality, values)
    return {index: (value, quality[index]) for index, value in enumerate(values) if value >= 0}


def chain(pieces: Sequence[DayPiece]) -> Chain:
    states: list[DayBucket] = []
    kept: list[DayBucket] = []
    for number, piece in enumerate(pieces):
        stored = states[-1] if states else None
        merged = merge(stored, piece, now=NOW + timedelta(hours=number))
        if merged.bucket:
            assert merged.bucket.revision == (stored.revision + 1 if stored else 1)
            if merged.replaced:
                assert merged.replaced is stored
                kept.append(merged.replaced)
            states.append(merged.bucket)
    return Chain(states, kept)


@settings(max_examples=60)
@given(st.lists(hours | halves, min_size=1, max_size=6))
def test_every_former_state_of_a_day_stands_in_the_next_revision_that_was_kept(
    sent: list[tuple[int, list[tuple[int, int, int] | None]]],
) -> None:
    found = chain([a_piece(*one) for one in sent])
    if not found.states:
        return
    for state in found.states:
        later = next((kept for kept in found.kept if kept.revision >= state.revision), found.states[-1])
        assert later.minutes == state.minutes
        assert told(state).items() <= told(later).items()


shown = st.tuples(
    st.sampled_from(["M1", "M2"]),
    st.dictionaries(st.sampled_from(["total", "peak", "valley"]), st.sampled_from(["10.00", "20.00"]), min_size=1),
    st.sampled_from([0, 8, 14]),
)


def stood(day: RegisterDay) -> set[tuple[str, str, int, int]]:
    """What stands at a midnight: of which meter, register, value and quality."""
    return {(r.meter, name, value, r.quality) for r in day.reads for name, value in r.values.items()}


@given(st.lists(shown, min_size=1, max_size=8))
def test_every_former_register_read_stands_in_the_next_revision_that_was_kept(
    sent: list[tuple[str, dict[str, str], int]],
) -> None:
    states: list[RegisterDay] = []
    kept: list[RegisterDay] = []
    for meter, values, quality in sent:
        read: RegisterRead = a_read(POINT, DAY, values, meter=meter, quality=quality)
        merged = merge_read(states[-1] if states else None, read, now=NOW)
        if merged.replaced:
            kept.append(merged.replaced)
        if merged.day:
            states.append(merged.day)
    for state in states:
        later = next((one for one in kept if one.revision >= state.revision), states[-1])
        assert stood(state) <= stood(later)
