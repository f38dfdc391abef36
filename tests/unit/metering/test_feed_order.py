"""Any order, any split into batches and any repetition of the same readings gives the same history."""

from collections.abc import Mapping
from dataclasses import astuple
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.kit.localdays import day_start
from gridhall.metering.feed.door import Door
from gridhall.metering.feed.formats.rows import MeterDay, Part, Readings, RegisterRow, Rows
from gridhall.metering.feed.model import FeedSource, Limits
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.merge import merge
from gridhall.metering.histories.model import DayBucket
from gridhall.metering.points.model import KnownMeter, Meter, MeterLink, ServicePoint
from gridhall.metering.recorded import Recorded
from gridhall.metering.registers.merge import merge_read
from gridhall.metering.registers.model import RegisterDay

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ZONE = "Europe/London"
FIRST, DAYS, SLOTS = date(2026, 10, 24), 3, 24 + 25 + 24  # the clocks go back on the 25th
LIMITS = Limits(max_bytes=None, max_line_bytes=4096, clock_skew_minutes=0, max_kw=100, shown_refusals=0)
CHANNELS = ("import-kwh", "export-kwh")


class Event(NamedTuple):
    """A reading; `slot` counts since the beginning."""

    slot: int
    energy: str
    quality: int = 0
    version: int | None = None
    meter: str = "M1"
    channel: str = "import-kwh"


def known() -> Mapping[str, KnownMeter]:
    """Two meters, of which the second counts a fortieth of its point's energy."""

    def one(number: str, index: int, multiplier: int) -> KnownMeter:
        link = MeterLink(number, date(2026, 1, 1), multiplier=multiplier)
        point = ServicePoint(UUID(int=index), "scotland", "grid", ZONE, "single", (link,))
        return KnownMeter(Meter(number, interval_minutes=60, channels=frozenset(CHANNELS)), (point,))

    return {"M1": one("M1", 1, 1), "M2": one("M2", 2, 40)}


energies = st.integers(0, 400).map(lambda value: f"{value / 1000:.3f}")
measured = st.dictionaries(st.integers(0, SLOTS - 1), energies, max_size=SLOTS)
estimated = st.dictionaries(st.integers(0, SLOTS - 1), energies, max_size=10)
places = st.tuples(st.sampled_from(["M1", "M2"]), st.sampled_from(CHANNELS), st.integers(20, 52), st.booleans())
versions = st.none() | st.integers(1, 4) | st.integers(1_790_000_000, 1_790_000_900)
corrections = st.dictionaries(st.tuples(places, versions), st.tuples(energies, st.sampled_from([0, 1])), max_size=60)


def shuffled(draw: st.DrawFn, events: list[Event]) -> list[list[Event]]:
    """The same events in another order, cut into batches, some of them said again."""
    again = draw(st.lists(st.sampled_from(events), max_size=20)) if events else []
    order = draw(st.permutations(events + again))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=4)))
    return [order[first:until] for first, until in pairwise([0, *cuts, len(order)])]


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    """One measured value a slot and perhaps one estimate, of a feed that says no versions."""
    events = [Event(slot, energy) for slot, energy in draw(measured).items()]
    events += [Event(slot, energy, 8) for slot, energy in draw(estimated).items()]
    return events, shuffled(draw, events)


@st.composite
def corrected_deliveries(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    """Several values a slot, measured and estimated, each in a version of its own, and one that says no version."""
    events = [
        Event(slot, energy, (8, 9)[other] if is_estimate else (0, 17)[other], version, meter, channel)
        for ((meter, channel, slot, is_estimate), version), (energy, other) in draw(corrections).items()
    ]
    return events, shuffled(draw, events)


def readings(events: list[Event]) -> Part:
    begin = day_start(FIRST, ZONE)
    return Readings(
        lines=range(len(events)),
        rows=[""] * len(events),
        meters=[(event.meter, event.channel, None) for event in events],
        starts=[(begin + timedelta(hours=event.slot)).isoformat() for event in events],
        energies=[event.energy for event in events],
        qualities=[event.quality for event in events],
        versions=[event.version for event in events] if any(event.version for event in events) else None,
    )


def stored(batches: list[list[Part]]) -> tuple[dict[bytes, DayBucket], Recorded]:
    days: dict[bytes, DayBucket] = {}
    return days, store(batches, days)


def store(batches: list[list[Part]], days: dict[bytes, DayBucket]) -> Recorded:
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
    return recorded


def content(days: dict[bytes, DayBucket]) -> dict[bytes, object]:
    """All but the revision, which counts how often a day was written."""
    return {
        key: (day.values, day.quality, day.versions, day.scale, day.totals, day.minutes) for key, day in days.items()
    }


@settings(max_examples=200, deadline=None)
@given(deliveries())
def test_the_same_readings_give_the_same_history(delivery: tuple[list[Event], list[list[Event]]]) -> None:
    events, batches = delivery
    at_once, _ = stored([[readings(events)]])
    otherwise, recorded = stored([[readings(batch)] for batch in batches])
    assert content(otherwise) == content(at_once)
    assert recorded.accepted + recorded.duplicate + recorded.corrected == sum(map(len, batches))
    assert recorded.accepted == len({event.slot for event in events})


@settings(max_examples=300, deadline=None)
@given(corrected_deliveries())
def test_so_do_corrections_that_say_their_version(delivery: tuple[list[Event], list[list[Event]]]) -> None:
    events, batches = delivery
    at_once, _ = stored([[readings(events)]])
    otherwise, recorded = stored([[readings(batch)] for batch in batches])
    assert content(otherwise) == content(at_once)
    assert recorded.accepted + recorded.duplicate + recorded.corrected == sum(map(len, batches))
    assert recorded.accepted == len({(event.meter, event.channel, event.slot) for event in events})
    before = dict(otherwise)
    assert store([[readings(batch)] for batch in reversed(batches)], otherwise).duplicate == sum(map(len, batches))
    assert otherwise == before, "a replay writes nothing"


@given(st.lists(energies | st.none(), min_size=25, max_size=25), st.booleans(), st.none() | st.just(3))
def test_a_day_in_one_row_is_the_same_as_its_readings_one_by_one(
    kwh: list[str | None],
    single_readings_first: bool,  # noqa: FBT001 - drawn by hypothesis
    version: int | None,
) -> None:
    day = MeterDay(
        line=1,
        row="",
        meter=("M1", "import-kwh", 60),
        day="2026-10-25",
        energies=list(kwh),
        quality=None,
        version=version,
    )
    events = [Event(24 + slot, energy, 0, version) for slot, energy in enumerate(kwh) if energy is not None]
    parts: list[Part] = [readings(events), day] if single_readings_first else [day, readings(events)]
    expected, _ = stored([[day]])
    together, recorded = stored([parts])
    assert content(together) == content(expected)
    assert recorded.duplicate == recorded.accepted == sum(energy is not None for energy in kwh)


class RegisterEvent(NamedTuple):
    """What a register row says; `registers` by name."""

    registers: tuple[tuple[str, str], ...]
    quality: int
    version: int
    day: str

    @property
    def row(self) -> RegisterRow:
        return RegisterRow(
            1, "", ("M1", "import-kwh", None), self.day, dict(self.registers), self.quality, version=self.version
        )


counts = st.dictionaries(st.sampled_from(["total", "peak", "valley"]), energies, min_size=1).map(
    lambda registers: tuple(registers.items())
)
register_events = st.dictionaries(
    st.tuples(st.sampled_from(["2026-10-24", "2026-10-25"]), st.booleans(), st.integers(0, 6)),
    st.tuples(counts, st.sampled_from([0, 1])),
    max_size=14,
)


def register_history(batches: list[list[RegisterEvent]], days: dict[bytes, RegisterDay]) -> Recorded:
    recorded = Recorded()
    door = Door(source=FeedSource("ami", None, "b"), limits=LIMITS, now=NOW)
    for batch in batches:
        checked = door.check(Rows(parts=[event.row for event in batch]), known=known())
        assert checked.refused == []
        for read in checked.registers:
            key = day_key(read.point_id, read.channel, read.day)
            merged = merge_read(days.get(key), read, now=NOW)
            recorded += merged
            if merged.day:
                days[key] = merged.day
    return recorded


@settings(max_examples=300, deadline=None)
@given(register_events, st.data())
def test_the_same_holds_for_registers(
    said: dict[tuple[str, bool, int], tuple[tuple[tuple[str, str], ...], int]], data: st.DataObject
) -> None:
    """Rows that name some of the registers or all, measured and estimated, each in a version of its own."""
    events = [
        RegisterEvent(registers, (8, 9)[other] if is_estimate else (0, 17)[other], version, day)
        for (day, is_estimate, version), (registers, other) in said.items()
    ]
    again = data.draw(st.lists(st.sampled_from(events), max_size=6)) if events else []
    order = data.draw(st.permutations(events + again))
    at_once: dict[bytes, RegisterDay] = {}
    register_history([events], at_once)
    otherwise: dict[bytes, RegisterDay] = {}
    assert sum(astuple(register_history([order], otherwise))) == len(order)
    assert {key: day.reads for key, day in otherwise.items()} == {key: day.reads for key, day in at_once.items()}
    before = dict(otherwise)
    assert register_history([order[::-1]], otherwise) == Recorded(duplicate=len(order))
    assert otherwise == before, "a replay writes nothing"
