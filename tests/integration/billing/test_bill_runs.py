"""Bill runs on a real database: by one worker or many, killed between transactions, opened by two at once."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gridhall.billing.accounts.model import Account
from gridhall.billing.runs import operations
from gridhall.billing.runs.model import Counts, Run
from gridhall.billing.runs.operations import LEASE, open_run, release_gone, work
from gridhall.billing.services import Billing
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from tests.factories.accounts import an_account, point_of
from tests.factories.reads import a_read

JANUARY = Month(2026, 1)
HOMES = 24


class Ticking:
    """A clock that somebody moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 3, 2, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of 3 accounts and ranges of 6, so that a few homes are many."""
    monkeypatch.setattr(operations, "CHUNK", 3)
    monkeypatch.setattr(operations, "RANGE", 6)


@pytest.fixture
async def town(billing: Billing, mongo: Mongo, now: datetime) -> list[Account]:
    """Homes that are read on the 1st and on the 11th, and used 200 kWh each."""
    read_days = [1 + number % 2 * 10 for number in range(HOMES)]
    made = [an_account(number, read_day=day, kept_since=date(2026, 1, day)) for number, day in enumerate(read_days)]
    await billing.accounts.add(made)
    days = {one.id: one.period(JANUARY) for one in made}
    reads = [
        a_read(point_of(one), day, shown, meter=f"M{one.number}")
        for one in made
        for day, shown in ((days[one.id].start, "1000"), (days[one.id].end, "1200"))
    ]
    await record_reads(reads=reads, registers=RegisterRepository(mongo), now=now)
    return made


async def opened(billing: Billing, now: datetime, workers: int = 1) -> Run:
    return await open_run(
        running=billing.running, region="zhejiang", month=JANUARY, by="Li Na", workers=workers, now=now
    )


async def everybody_once(billing: Billing, mongo: Mongo) -> None:
    assert await mongo["bills"].count_documents({}) == HOMES
    assert len(await mongo["bills"].distinct("account_id")) == HOMES
    assert await mongo["postings"].count_documents({"kind": "charge"}) == HOMES
    assert await mongo["outbox"].count_documents({"kind": "billing.bill_issued"}) == HOMES
    count = await billing.bills.count(region="zhejiang", month=JANUARY)
    owed = await mongo.aggregate("accounts", [{"$group": {"_id": None, "fen": {"$sum": "$owed"}}}])
    assert owed[0]["fen"] == count.issued_fen


async def test_a_run_bills_everybody_in_the_order_of_the_reading_days(
    billing: Billing, mongo: Mongo, town: list[Account], clock: Ticking
) -> None:
    run = await opened(billing, clock.now())
    assert (run.accounts, run.ranges, run.number, run.started_by) == (len(town), 4, 1, "Li Na")
    assert await work(running=billing.running, run=run, clock=clock, owner="one") == Counts(issued=HOMES)
    made = [one async for one in mongo["bills"].find({}).sort("_id")]
    assert [one["from"] for one in made] == sorted(one["from"] for one in made)
    progress = (await billing.running.ranges.progress([run.id]))[run.id]
    assert (progress.counts, progress.ranges_done, progress.workers) == (Counts(issued=HOMES), 4, ())
    assert (await billing.running.runs.newest_of("zhejiang", JANUARY) or run).finished_at == clock.now()


async def test_two_runs_at_once_are_one_and_bill_everybody_once(
    billing: Billing, mongo: Mongo, town: list[Account], clock: Ticking
) -> None:
    runs = await asyncio.gather(*(opened(billing, clock.now(), workers=4) for _ in range(2)))
    assert runs[0].id == runs[1].id
    assert await mongo["bill_run_ranges"].count_documents({}) == runs[0].ranges
    found = await asyncio.gather(
        *(work(running=billing.running, run=runs[0], clock=clock, owner=f"worker {number}") for number in range(3))
    )
    assert sum(one.issued for one in found) == len(town)
    await everybody_once(billing, mongo)


async def test_a_run_killed_between_transactions_goes_on_where_it_ended(
    billing: Billing, mongo: Mongo, town: list[Account], clock: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await opened(billing, clock.now())
    real, calls = operations.issue_chunk, 0

    async def dies(**given: object) -> object:
        nonlocal calls
        calls += 1
        found = await real(**given)  # type: ignore[arg-type]
        if calls % 2 == 0:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(operations, "issue_chunk", dies)
    deaths = 0
    while (await billing.running.runs.newest_of("zhejiang", JANUARY) or run).finished_at is None:
        clock.at += LEASE + timedelta(seconds=1)
        try:
            await work(running=billing.running, run=run, clock=clock, owner=f"life {deaths}")
        except KeyboardInterrupt:
            deaths += 1
    assert deaths >= 4
    await everybody_once(billing, mongo)
    progress = (await billing.running.ranges.progress([run.id]))[run.id]
    assert progress.counts.accounts == len(town)


async def test_what_a_dead_process_of_this_machine_had_is_taken_at_once(
    billing: Billing, town: list[Account], clock: Ticking
) -> None:
    run = await opened(billing, clock.now())
    host = operations.this_worker().rpartition("/")[0]
    gone = f"{host}/999999999"
    for owner in (gone, operations.this_worker(), "elsewhere/7"):
        await billing.running.ranges.take(run.id, owner=owner, lost=clock.now(), now=clock.now())
    await release_gone(running=billing.running, run=run, owner="me")
    assert sorted(await billing.running.ranges.owners(run.id)) == sorted([operations.this_worker(), "elsewhere/7"])
    assert len(town) == HOMES


async def test_a_worker_that_was_thought_dead_stops_at_its_next_chunk(
    billing: Billing, mongo: Mongo, town: list[Account], clock: Ticking
) -> None:
    run = await opened(billing, clock.now())
    taken = await billing.running.ranges.take(run.id, owner="slow", lost=clock.now(), now=clock.now())
    assert taken is not None
    clock.at += LEASE + timedelta(seconds=1)
    assert (await work(running=billing.running, run=run, clock=clock, owner="quick")).issued == len(town)
    noted = await billing.running.ranges.note(
        replace(taken, after=taken.last), counts=Counts(issued=3), owner="slow", now=clock.now()
    )
    assert not noted
    await everybody_once(billing, mongo)


async def test_who_waited_is_billed_by_the_next_run(
    billing: Billing, mongo: Mongo, town: list[Account], clock: Ticking, now: datetime
) -> None:
    late = an_account(99)
    await billing.accounts.add([late])
    run = await opened(billing, clock.now())
    assert await work(running=billing.running, run=run, clock=clock, owner="one") == Counts(issued=HOMES, waiting=1)
    reads = [a_read(point_of(late), day, shown) for day, shown in ((date(2026, 1, 1), "1"), (date(2026, 2, 1), "101"))]
    await record_reads(reads=reads, registers=RegisterRepository(mongo), now=now)
    again = await opened(billing, clock.now())
    assert again.number == 2
    found = await work(running=billing.running, run=again, clock=clock, owner="one")
    assert found == Counts(issued=1, already=len(town))


async def test_days_whose_period_has_not_ended_are_left_out(
    billing: Billing, town: list[Account], clock: Ticking
) -> None:
    clock.at = datetime(2026, 2, 5, tzinfo=UTC)
    run = await opened(billing, clock.now())
    assert (run.accounts, run.not_due) == (len(town) // 2, len(town) // 2)
