"""Any order, any split into batches and any repetition of the same readings gives the same history."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.kit.localdays import day_start
from gridhall.metering.feed.door import Door
from gridhall.metering.feed.formats.rows import MeterDay, Part, Readings, Rows
from gridhall.metering.feed.model import FeedSource, Limits
from gridhall.metering.histories.merge import merge
from gridhall.metering.histories.model import DayBucket
from gridhall.metering.points.model import KnownMeter, Meter, MeterLink, ServicePoint
from gridhall.metering.recorded import Recorded

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ZONE = "Europe/London"
FIRST, DAYS, SLOTS = date(2026, 10, 24), 3, 24 + 25 + 24  # the clocks go back on the 25th
LIMITS = Limits(max_bytes=None, max_line_bytes=4096, clock_skew_minutes=0, max_kw=100, shown_refusals=0)

Event = tuple[int, str, int]
"""Slot since the beginning, energy, quality."""


def known() -> Mapping[str, KnownMeter]:
    link = MeterLink("M1", date(2026, 1, 1))
    point = ServicePoint(UUID(int=1), "scotland", "grid", ZONE, "single", (link,))
    return {"M1": KnownMeter(Meter("M1", interval_minutes=60), (point,))}


energies = st.integers(0, 400).map(lambda value: f"{value / 1000:.3f}")
measured = st.dictionaries(st.integers(0, SLOTS - 1), energies, max_size=SLOTS)
estimated = st.dictionaries(st.integers(0, SLOTS - 1), energies, max_size=10)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    """One measured value a slot and perhaps one estimate; and the same again, shuffled, cut and repeated."""
    events = [(slot, energy, 0) for slot, energy in draw(measured).items()]
    events += [(slot, energy, 8) for slot, energy in draw(estimated).items()]
    again = draw(st.lists(st.sampled_from(events), max_size=20)) if events else []
    order = draw(st.permutations(events + again))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=4)))
    edges = [0, *cuts, len(order)]
    return events, [order[first:until] for first, until in pairwise(edges)]


def readings(events: list[Event]) -> Part:
    begin = day_start(FIRST, ZONE)
    return Readings(
        lines=range(len(events)),
        rows=[""] * len(events),
        meters=[("M1", "import-kwh", None)] * len(events),
        starts=[(begin + timedelta(hours=slot)).isoformat() for slot, _, _ in events],
        energies=[energy for _, energy, _ in events],
        qualities=[quality for _, _, quality in events],
    )


def stored(batches: list[list[Part]]) -> tuple[dict[bytes, DayBucket], Recorded]:
    days: dict[bytes, DayBucket] = {}
    recorded = Recorded()
    door = Door(source=FeedSource("ami", None, "b"), limits=LIMITS, now=NOW)
    for parts in batches:
        checked = door.check(Rows(parts=parts), known=known())
        assert checked.refused == []
        recorded += Recorded(duplicate=checked.repeated)
        for wave in checked.waves:
            for piece in wave:
                merged = merge(days.get(piece.key), piece, now=NOW)
                recorded += merged
                if merged.bucket:
                    days[piece.key] = merged.bucket
    return days, recorded


def content(days: dict[bytes, DayBucket]) -> dict[bytes, object]:
    """All but the revision, which counts how often a day was written."""
    return {key: (day.values, day.quality, day.scale, day.totals, day.minutes) for key, day in days.items()}


@settings(max_examples=200, deadline=None)
@given(deliveries())
def test_the_same_readings_give_the_same_history(delivery: tuple[list[Event], list[list[Event]]]) -> None:
    events, batches = delivery
    at_once, _ = stored([[readings(events)]])
    otherwise, recorded = stored([[readings(batch)] for batch in batches])
    assert content(otherwise) == content(at_once)
    assert recorded.accepted + recorded.duplicate + recorded.corrected == sum(map(len, batches))
    assert recorded.accepted == len({slot for slot, _, _ in events})


@given(st.lists(energies | st.none(), min_size=25, max_size=25), st.booleans())
def test_a_day_in_one_row_is_the_same_as_its_readings_one_by_one(
    kwh: list[str | None],
    single_readings_first: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    day = MeterDay(line=1, row="", meter=("M1", "import-kwh", 60), day="2026-10-25", energies=list(kwh), quality=None)
    single = readings([(24 + slot, energy, 0) for slot, energy in enumerate(kwh) if energy is not None])
    parts: list[Part] = [single, day] if single_readings_first else [day, single]
    expected, _ = stored([[day]])
    together, recorded = stored([parts])
    assert content(together) == content(expected)
    assert recorded.duplicate == recorded.accepted == sum(energy is not None for energy in kwh)
