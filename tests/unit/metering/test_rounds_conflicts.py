"""Whatever comes back, in whatever order: the same read stands, nothing is dropped, and the rates say the same."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.kit.localdays import Month, day_start
from gridhall.metering.registers.merge import merge_read
from gridhall.metering.registers.model import RegisterDay, RegisterRead
from gridhall.metering.registers.origin import REMOTE, How, Origin
from gridhall.metering.registers.standing import standing
from gridhall.metering.rounds.model import (
    Ask,
    BadRouteError,
    Cycle,
    Entry,
    Expected,
    Kind,
    Mark,
    Obstacle,
    Route,
    State,
)
from gridhall.metering.rounds.plausibility import Doubt, Finding
from gridhall.metering.rounds.rates import Tally, count
from gridhall.metering.rounds.reads import HandRead, JudgedRead, Verdict
from gridhall.metering.rounds.settling import Beside, settled, standing_read, why_beside

DAY = date(2026, 11, 1)
NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
MINE, OTHER, LEADER = UUID(int=1), UUID(int=2), UUID(int=3)
POINT = UUID(int=99)
ENTRY = Entry(
    worklist="zhejiang/R1@2026-11-01",
    point_id=POINT,
    position=1,
    kind=Kind.SCHEDULED,
    region="zhejiang",
    org_path="grid",
    zone="Asia/Shanghai",
    day=DAY,
    read_day=1,
    expected=Expected("M1", 1, 2, 5, ("total",)),
    reader=MINE,
    person=MINE,
)


def tally(entries: Iterable[Entry]) -> Tally:
    return sum((count(entry) for entry in entries), Tally())


def judged(
    number: int,
    *,
    by: UUID = MINE,
    hours: int = 0,
    asked: int = 0,
    total: int = 140_000,
    verdict: Verdict = Verdict.ACCEPTED,
    doubt: Doubt | None = None,
) -> JudgedRead:
    at = NOON + timedelta(hours=hours)
    read = HandRead(UUID(int=number), ENTRY.worklist, POINT, "M1", {"total": str(total / 100)}, at, by)
    findings = (Finding(doubt, "total"),) if doubt else ()
    return JudgedRead(read, verdict, findings, {"total": total}, DAY, asked, by == MINE, at)


reads = st.builds(
    judged,
    st.integers(1, 6),
    by=st.sampled_from([MINE, OTHER]),
    hours=st.integers(0, 3),
    asked=st.integers(0, 2),
    total=st.sampled_from([140_000, 141_000]),
    verdict=st.sampled_from(Verdict),
)
batches = st.lists(reads, max_size=6, unique_by=lambda one: one.read.id)


@given(brought=batches, asks=st.integers(0, 2), closed=st.booleans(), seed=st.randoms(use_true_random=False))
def test_any_order_gives_the_same_entry(brought: list[JudgedRead], asks: int, *, closed: bool, seed: Random) -> None:
    asked = tuple(Ask(NOON + timedelta(hours=one), LEADER, "再抄") for one in range(asks))
    entry = replace(ENTRY, asks=asked, closed=closed)
    shuffled = list(brought)
    seed.shuffle(shuffled)
    assert settled(entry, entry, brought) == settled(entry, entry, shuffled)


@given(brought=batches)
def test_every_read_but_the_one_that_stands_says_why_it_does_not(brought: list[JudgedRead]) -> None:
    stands = standing_read(brought)
    if stands:
        assert [one.read.id for one in brought if why_beside(one, stands=stands) is None] == [stands.read.id]


@given(brought=batches, seed=st.randoms(use_true_random=False))
def test_the_registers_choose_as_the_list_does_and_drop_nothing(brought: list[JudgedRead], seed: Random) -> None:
    accepted = [one for one in brought if one.verdict is Verdict.ACCEPTED]
    shuffled = [one.register_read(ENTRY) for one in accepted]
    seed.shuffle(shuffled)
    kept: RegisterDay | None = None
    for read in (*shuffled, *shuffled):
        kept = merge_read(kept, read, now=NOON).day or kept
    if kept:
        stands = standing_read(brought)
        assert stands
        assert [one.origin.id for one in kept.reads] == [stands.read.id]
        assert {one.origin.id for one in (*kept.reads, *kept.beside)} == {one.read.id for one in accepted}


@pytest.mark.parametrize(
    ("loser", "winner", "why"),
    [
        (judged(9, hours=5), judged(1, asked=1, by=OTHER), Beside.READ_AGAIN),
        (judged(9, hours=5, by=OTHER), judged(1), Beside.OTHER_PERSON),
        (judged(9), judged(1, hours=1), Beside.EARLIER),
        (judged(1), judged(9), Beside.SAME_TIME),
        (judged(9, hours=5, verdict=Verdict.REFUSED), judged(1), Beside.IMPOSSIBLE),
        (judged(9, hours=5, verdict=Verdict.WARNED), judged(1), Beside.NOT_CONFIRMED),
    ],
)
def test_conflicts_are_decided_by_re_read_person_and_time(loser: JudgedRead, winner: JudgedRead, why: Beside) -> None:
    assert standing_read([loser, winner]) == winner
    assert why_beside(loser, stands=winner) is why


class TestMidnight:
    """Which read stands for a midnight where the meter and people say different things."""

    remote = RegisterRead(POINT, "import-kwh", "M1", DAY, day_start(DAY, "Asia/Shanghai"), {"total": 139_990}, 2, 0)
    reader = judged(1).register_read(ENTRY)
    customer = replace(reader, origin=Origin(How.CUSTOMER, id=UUID(int=5), taken_at=NOON))
    exchange = replace(remote, origin=Origin(How.EXCHANGE, id=UUID(int=6), taken_at=NOON))
    flagged = replace(remote, quality=10)
    estimated = replace(remote, quality=8)

    def test_the_order_is_exchange_meter_reader_customer_flagged_estimated(self) -> None:
        order = [self.exchange, self.remote, self.reader, self.customer, self.flagged, self.estimated]
        for place, read in enumerate(order):
            assert standing(reversed(order[place:])) == read

    def test_a_reader_stands_until_the_meter_says_it_itself_and_is_kept_beside(self) -> None:
        first = merge_read(None, self.reader, now=NOON).day
        merged = merge_read(first, self.remote, now=NOON)
        assert (merged.corrected, merged.replaced) == (1, first)
        assert merged.day
        assert (merged.day.reads, merged.day.beside) == ((self.remote,), (self.reader,))

    def test_what_does_not_stand_changes_nothing_that_stood(self) -> None:
        first = merge_read(None, self.remote, now=NOON).day
        merged = merge_read(first, self.reader, now=NOON)
        assert (merged.accepted, merged.replaced) == (1, None)
        assert merged.day
        assert merged.day.reads == (self.remote,)
        assert self.remote.origin == REMOTE


class TestRates:
    def test_each_rate_is_a_share_of_what_it_says(self) -> None:
        read = settled(ENTRY, ENTRY, [judged(1)])
        twice = settled(ENTRY, ENTRY, [judged(1), judged(2, total=141_000, hours=1)])
        mark = Mark(UUID(int=7), MINE, NOON, Obstacle.LOCKED)
        locked = settled(ENTRY, replace(ENTRY, marks=(mark,)), [])
        impossible = settled(ENTRY, ENTRY, [judged(1, verdict=Verdict.REFUSED)])
        counted = tally([read, twice, locked, impossible])
        assert counted == Tally(planned=4, read=2, first_right=1, reread=1, no_access=1)
        assert (counted.reading_rate, counted.first_right_rate) == (Decimal("0.5000"), Decimal("0.5000"))
        assert (counted.reread_rate, counted.no_access_rate) == (Decimal("0.2500"), Decimal("0.2500"))

    def test_of_nothing_there_is_no_rate(self) -> None:
        assert tally([]).reading_rate is None

    def test_a_confirmed_doubt_was_not_right_at_first(self) -> None:
        assert not settled(ENTRY, ENTRY, [judged(1, doubt=Doubt.TOO_HIGH)]).first_right

    def test_a_silent_meter_that_spoke_again_was_never_to_be_read(self) -> None:
        spoke = settled(ENTRY, replace(ENTRY, spoke_again=True, closed=True), [])
        assert (spoke.state, count(spoke)) == (State.DONE, Tally())

    @given(brought=st.lists(batches, max_size=5))
    def test_no_rate_is_more_than_the_whole(self, brought: Sequence[list[JudgedRead]]) -> None:
        counted = tally(settled(ENTRY, ENTRY, one) for one in brought)
        assert counted.first_right <= counted.read <= counted.planned == len(brought)
        assert counted.reread <= counted.planned


class TestRoutes:
    @pytest.mark.parametrize(
        ("cycle", "month", "day"),
        [
            (Cycle.MONTHLY, "2026-11", date(2026, 11, 20)),
            (Cycle.ODD_MONTHS, "2026-11", date(2026, 11, 20)),
            (Cycle.ODD_MONTHS, "2026-12", None),
            (Cycle.EVEN_MONTHS, "2026-12", date(2026, 12, 20)),
            (Cycle.EVEN_MONTHS, "2026-11", None),
        ],
    )
    def test_a_route_is_read_in_the_months_of_its_cycle(self, cycle: Cycle, month: str, day: date | None) -> None:
        route = Route("R1", "望江路", "zhejiang", "grid", (POINT,), 20, cycle)
        assert route.scheduled_in(Month.parse(month)) == day

    @pytest.mark.parametrize("changes", [{"code": "R 1"}, {"day": 29}, {"day": 0}, {"points": (POINT, POINT)}])
    def test_a_route_that_cannot_be_walked_is_refused(self, changes: dict[str, object]) -> None:
        fields = {"code": "R1", "name": "", "region": "zhejiang", "org_path": "", "points": (), "day": 1}
        with pytest.raises(BadRouteError):
            Route(**{**fields, **changes})  # type: ignore[arg-type] - fields of several types
