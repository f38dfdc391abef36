"""Worklists made of routes, brought back by phones, closed, and counted."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from gridhall.kit.localdays import Days
from gridhall.kit.mongo import Mongo
from gridhall.metering.histories.keys import day_key
from gridhall.metering.points.model import Meter, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.origin import How
from gridhall.metering.registers.queries import reads_at
from gridhall.metering.rounds.asking import Asked, list_asked
from gridhall.metering.rounds.bringing import bring_back
from gridhall.metering.rounds.doubts import doubted_at
from gridhall.metering.rounds.making import make_due, make_worklist
from gridhall.metering.rounds.marking import ask_reread, close_due, mark_not_accessible
from gridhall.metering.rounds.model import Kind, Mark, Obstacle, State, Worklist
from gridhall.metering.rounds.plausibility import Doubt
from gridhall.metering.rounds.reads import Verdict
from gridhall.metering.rounds.repository import EntryRepository
from gridhall.metering.rounds.settling import Beside
from gridhall.metering.rounds.silent import list_silent
from gridhall.metering.rounds.stores import Rounds
from gridhall.metering.vee.exceptions.model import DayException, ExceptionState
from gridhall.metering.vee.exceptions.repository import ExceptionRepository
from gridhall.metering.vee.model import Severity
from tests.factories.rounds import (
    COLLEAGUE,
    DAY,
    LEADER,
    NOON,
    READER,
    a_hand_read,
    a_route,
    manual_points,
    open_rounds,
    past_read,
)


async def _a_list(rounds: Rounds, *numbers: str) -> tuple[Worklist, list[ServicePoint]]:
    points = await manual_points(rounds, *numbers)
    route = a_route(points)
    await rounds.routes.put([route])
    return await make_worklist(route=route, day=DAY, rounds=rounds, now=NOON), points


async def test_a_list_says_what_is_to_be_read_and_what_is_likely(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    worklist, points = await _a_list(rounds, "M1", "M2")
    entries = await rounds.entries.page(worklist.id, limit=100)
    assert [(one.position, one.point_id, one.state) for one in entries] == [
        (1, points[0].id, State.OPEN),
        (2, points[1].id, State.OPEN),
    ]
    expected = entries[0].expected
    assert (expected.meter, expected.registers, expected.digits) == ("M1", ("total",), 5)
    assert expected.last
    assert expected.last.values == {"total": 130_000}
    bounds = expected.bounds["total"]
    assert 10_000 < bounds.most < 50_000 < bounds.possible
    assert (worklist.reader, worklist.kind, worklist.version) == (READER, Kind.SCHEDULED, 2)


async def test_making_a_list_again_changes_nothing(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    worklist, _ = await _a_list(rounds, "M1")
    assert await make_due(rounds=rounds, now=NOON) == 1
    assert await make_due(rounds=rounds, now=NOON - timedelta(days=1)) == 1
    assert await rounds.lists.load(worklist.id) == worklist


async def test_a_good_read_stands_for_the_reading_day_and_says_who_when_and_how(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    worklist, (point,) = await _a_list(rounds, "M1")
    later = NOON + timedelta(days=2)
    read = a_hand_read(worklist.id, point, "1400.25", taken_at=later)
    (brought,) = await bring_back(worklist=worklist, reads=[read], rounds=rounds, now=later)
    assert brought.judged
    assert brought.judged.verdict is Verdict.ACCEPTED
    assert brought.entry
    assert (brought.entry.state, brought.entry.first_right) == (State.READ, True)
    found = (await reads_at(point_ids=[point.id], days=[DAY], registers=rounds.registers))[point.id, DAY]
    assert found.values == {"total": 140_025}
    assert (found.origin.how, found.origin.by, found.origin.taken_at) == (How.READER, READER, later)


async def test_the_same_batch_again_changes_nothing(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    worklist, points = await _a_list(rounds, "M1", "M2")
    reads = [a_hand_read(worklist.id, point, "1400") for point in points]
    first = await bring_back(worklist=worklist, reads=reads, rounds=rounds, now=NOON)
    again = await bring_back(worklist=worklist, reads=reads, rounds=rounds, now=NOON + timedelta(hours=1))
    assert [(one.judged, one.entry) for one in first] == [(one.judged, one.entry) for one in again]


async def test_an_id_that_says_something_else_is_told_and_the_first_is_kept(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    worklist, (point,) = await _a_list(rounds, "M1")
    read = a_hand_read(worklist.id, point, "1400")
    await bring_back(worklist=worklist, reads=[read], rounds=rounds, now=NOON)
    (brought,) = await bring_back(
        worklist=worklist, reads=[replace(read, values={"total": "1500"})], rounds=rounds, now=NOON
    )
    assert brought.judged is None
    assert (await rounds.reads.load([read.id]))[read.id].read == read


async def test_a_doubted_read_waits_until_the_reader_confirms_it(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    worklist, (point,) = await _a_list(rounds, "M1")
    read = a_hand_read(worklist.id, point, "2500")
    (brought,) = await bring_back(worklist=worklist, reads=[read], rounds=rounds, now=NOON)
    assert brought.judged
    assert brought.entry
    assert (brought.judged.verdict, brought.judged.findings[0].doubt) == (Verdict.WARNED, Doubt.TOO_HIGH)
    assert brought.entry.state is State.OPEN
    confirmed = replace(read, confirmed="新装空调，已核对两次")
    (brought,) = await bring_back(worklist=worklist, reads=[confirmed], rounds=rounds, now=NOON)
    assert brought.judged
    assert brought.judged.verdict is Verdict.ACCEPTED
    assert brought.entry
    assert (brought.entry.state, brought.entry.first_right) == (State.READ, False)
    found = (await reads_at(point_ids=[point.id], days=[DAY], registers=rounds.registers))[point.id, DAY]
    assert (found.quality, found.origin.confirmed) == (18, "新装空调，已核对两次")


async def test_an_impossible_read_sends_somebody_again_and_is_kept(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    worklist, (point,) = await _a_list(rounds, "M1")
    read = a_hand_read(worklist.id, point, "1200", confirmed="really")
    (brought,) = await bring_back(worklist=worklist, reads=[read], rounds=rounds, now=NOON)
    assert brought.judged
    assert (brought.judged.verdict, brought.judged.findings[0].doubt) == (
        Verdict.REFUSED,
        Doubt.BELOW_LAST,
    )
    assert brought.entry
    assert brought.entry.state is State.REREAD
    assert not await reads_at(point_ids=[point.id], days=[DAY], registers=rounds.registers)
    good = a_hand_read(worklist.id, point, "1410")
    (brought,) = await bring_back(worklist=worklist, reads=[good], rounds=rounds, now=NOON)
    assert brought.entry
    assert (brought.entry.state, brought.entry.first_right) == (State.READ, False)


async def test_of_two_people_the_one_whom_the_list_was_given_to_stands_and_both_are_kept(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    worklist, (point,) = await _a_list(rounds, "M1")
    mine = a_hand_read(worklist.id, point, "1400")
    other = a_hand_read(worklist.id, point, "1401", by=COLLEAGUE, taken_at=NOON + timedelta(hours=3))
    later = NOON + timedelta(hours=4)
    await bring_back(worklist=worklist, reads=[mine], rounds=rounds, now=later)
    (brought,) = await bring_back(worklist=worklist, reads=[other], rounds=rounds, now=later)
    assert brought.beside is Beside.OTHER_PERSON
    assert brought.entry
    assert brought.entry.stands == mine.id
    (kept,) = (
        await rounds.registers.within([point.id], channel="import-kwh", days=Days(DAY, date(2026, 11, 2)))
    ).values()
    assert ([one.origin.id for one in kept.reads], [one.origin.id for one in kept.beside]) == ([mine.id], [other.id])


async def test_a_re_read_that_was_asked_for_stands_before_what_was_read_earlier(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    worklist, (point,) = await _a_list(rounds, "M1")
    first = a_hand_read(worklist.id, point, "1400")
    await bring_back(worklist=worklist, reads=[first], rounds=rounds, now=NOON)
    asked_at = NOON + timedelta(hours=1)
    entry = await ask_reread(
        worklist=worklist, point_id=point.id, by=LEADER, reason="照片与示数不符", rounds=rounds, now=asked_at
    )
    assert entry
    assert (entry.state, entry.stands) == (State.REREAD, first.id)
    again = a_hand_read(worklist.id, point, "1440", by=COLLEAGUE, taken_at=asked_at + timedelta(hours=1))
    (brought,) = await bring_back(worklist=worklist, reads=[again], rounds=rounds, now=asked_at + timedelta(hours=2))
    assert brought.entry
    assert (brought.entry.state, brought.entry.stands) == (State.READ, again.id)
    found = await reads_at(point_ids=[point.id], days=[DAY], registers=rounds.registers)
    assert found[point.id, DAY].values == {"total": 144_000}


async def test_what_nobody_could_read_is_not_invented_and_the_rates_say_so(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    worklist, points = await _a_list(rounds, "M1", "M2", "M3", "M4")
    await bring_back(worklist=worklist, reads=[a_hand_read(worklist.id, points[0], "1400")], rounds=rounds, now=NOON)
    mark = Mark(uuid4(), READER, NOON, Obstacle.DOG, "大狗")
    for _ in range(2):
        entry = await mark_not_accessible(worklist=worklist, point_id=points[1].id, mark=mark, rounds=rounds)
    assert entry
    assert (entry.state, entry.marks) == (State.NO_ACCESS, (mark,))
    impossible = a_hand_read(worklist.id, points[2], "1", meter="M9")
    await bring_back(worklist=worklist, reads=[impossible], rounds=rounds, now=NOON)
    assert await close_due(rounds=rounds, now=NOON + timedelta(days=8)) == 1
    states = [one.state for one in await rounds.entries.all_of(worklist.id)]
    assert states == [State.DONE, State.NO_ACCESS, State.NO_ESTIMATE, State.NO_ESTIMATE]
    assert await close_due(rounds=rounds, now=NOON + timedelta(days=8)) == 0
    november = Days(DAY, date(2026, 12, 1))
    ((route, person, tally),) = await rounds.lists.rates(
        region="zhejiang", units=("grid",), days=november, after=None, limit=10
    )
    assert (route, person) == ("zhejiang/R1", str(READER))
    assert [
        str(one) for one in (tally.reading_rate, tally.first_right_rate, tally.reread_rate, tally.no_access_rate)
    ] == [
        "0.2500",
        "1.0000",
        "0.2500",
        "0.2500",
    ]
    assert not await rounds.lists.rates(region="zhejiang", units=("gri",), days=november, after=None, limit=10)


async def test_a_smart_meter_that_falls_silent_is_listed_once_and_done_when_it_speaks_again(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    silent, speaking = await manual_points(rounds, "S1", "S2", remote=True)
    yesterday = past_read(speaking, date(2026, 10, 31), 400)
    await record_reads(reads=[yesterday], registers=rounds.registers, now=NOON)
    assert await list_silent(region="zhejiang", rounds=rounds, now=NOON) == 1
    assert await list_silent(region="zhejiang", rounds=rounds, now=NOON) == 0
    (entry,) = await rounds.entries.silent_of([silent.id, speaking.id])
    assert (entry.point_id, entry.kind, entry.read_day) == (silent.id, Kind.SILENT, 1)
    worklist = await rounds.lists.load(entry.worklist)
    assert worklist
    assert (worklist.route, worklist.org_path) == (None, "grid/city")
    await record_reads(reads=[past_read(silent, DAY, 410)], registers=rounds.registers, now=NOON)
    assert await list_silent(region="zhejiang", rounds=rounds, now=NOON + timedelta(hours=2)) == 0
    (entry,) = await rounds.entries.all_of(worklist.id)
    assert (entry.state, entry.spoke_again) == (State.DONE, True)


async def test_a_sum_meter_without_registers_sends_nobody(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    (point,) = await manual_points(rounds, "T1", remote=True)
    sum_meter = replace(point, supply_class="district")
    await register_points(points=[sum_meter], meters=[Meter("T1", scale=2, digits=5)], repository=rounds.points)
    assert await list_silent(region="zhejiang", rounds=rounds, now=NOON) == 0


async def test_a_re_read_that_is_asked_for_elsewhere_is_listed_once_for_the_reader_of_its_route(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    _, (point,) = await _a_list(rounds, "M1")
    asked = [Asked(point.id, NOON, "日电量异常"), Asked(UUID(int=404), NOON, "no such point")]
    for _ in range(2):
        await list_asked(asked=asked, rounds=rounds, now=NOON)
    worklist = await rounds.lists.load("zhejiang/asked-R1@2026-11-01")
    assert worklist
    assert (worklist.kind, worklist.reader) == (Kind.ASKED, READER)
    (entry,) = await rounds.entries.all_of(worklist.id)
    assert (entry.state, entry.asks[0].reason) == (State.REREAD, "日电量异常")
    read = a_hand_read(worklist.id, point, "1405", taken_at=NOON + timedelta(hours=1))
    (brought,) = await bring_back(worklist=worklist, reads=[read], rounds=rounds, now=NOON + timedelta(hours=1))
    assert brought.entry
    assert brought.entry.state is State.READ


async def test_a_read_is_doubted_from_the_asking_for_a_re_read_until_it_comes(mongo: Mongo) -> None:
    rounds = await open_rounds(mongo)
    worklist, (point,) = await _a_list(rounds, "M1")

    async def doubted() -> set[tuple[UUID, date]]:
        return await doubted_at(
            point_ids=[point.id],
            days=[date(2026, 10, 1), DAY],
            tolerance_days=3,
            entries=rounds.entries,
            exceptions=ExceptionRepository(mongo),
        )

    await bring_back(worklist=worklist, reads=[a_hand_read(worklist.id, point, "1400.25")], rounds=rounds, now=NOON)
    assert await doubted() == set()
    later = NOON + timedelta(hours=3)
    await ask_reread(worklist=worklist, point_id=point.id, by=LEADER, reason="too high", rounds=rounds, now=later)
    assert await doubted() == {(point.id, DAY)}
    again = a_hand_read(worklist.id, point, "1390.25", taken_at=later + timedelta(hours=1))
    await bring_back(worklist=worklist, reads=[again], rounds=rounds, now=later + timedelta(hours=1))
    assert await doubted() == set()


async def test_a_failed_day_that_is_to_be_read_again_casts_doubt_on_both_its_midnights(mongo: Mongo) -> None:
    failed = DayException(
        key=day_key(UUID(int=1), "import-kwh", DAY),
        point_id=UUID(int=1),
        channel="import-kwh",
        day=DAY,
        region="zhejiang",
        org_path="grid",
        supply_class="residential",
        meter="M1",
        codes=("sum",),
        severity=Severity.INVALID,
        state=ExceptionState.REREAD,
        opened_at=NOON,
        due_on=DAY,
    )
    exceptions = ExceptionRepository(mongo)
    await exceptions.put([failed])
    found = await doubted_at(
        point_ids=[UUID(int=1), UUID(int=2)],
        days=[DAY - timedelta(days=1), DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)],
        tolerance_days=3,
        entries=EntryRepository(mongo),
        exceptions=exceptions,
    )
    assert found == {(UUID(int=1), DAY), (UUID(int=1), DAY + timedelta(days=1))}
