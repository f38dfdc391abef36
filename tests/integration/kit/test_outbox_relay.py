"""The outbox: what happened is told at least once, whoever dies on the way."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from gridhall.kit.ids import new_id
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.kit.outbox import Event, Outbox, relay, sweep
from tests.factories.rooms import ensure_indexes

ROUTES = {"room.happened": ("tell", "count"), "room.told": ("tell",)}
LATER = timedelta(minutes=5)


class Queue:
    """Keeps what was queued; is away for the job that it is told to be away for."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, list[str]]] = []
        self.breaks_at: str | None = None

    async def send(self, name: str, /, **payload: object) -> None:
        if name == self.breaks_at:
            raise ConnectionError("the broker is away")
        ids = payload["event_ids"]
        assert isinstance(ids, list)
        self.jobs.append((name, ids))

    def ids_of(self, name: str) -> list[str]:
        return [event_id for job, ids in self.jobs if job == name for event_id in ids]


@pytest.fixture
def now() -> datetime:
    """The real present: the server itself throws old events away."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
async def outbox(mongo: Mongo) -> Outbox:
    await ensure_indexes(mongo)
    return Outbox(mongo)


@pytest.fixture
def queue() -> Queue:
    return Queue()


async def told(mongo: Mongo, outbox: Outbox, now: datetime, kinds: Sequence[str]) -> list[Event]:
    events = [Event(kind=kind, about=new_id(), at=now, payload={"n": at}) for at, kind in enumerate(kinds)]

    async def work(transaction: Transaction) -> None:
        await outbox.add(events, transaction=transaction)

    await mongo.transact(work)
    return events


async def relayed(outbox: Outbox, queue: Queue, now: datetime) -> int:
    return await relay(outbox=outbox, queue=queue, routes=ROUTES, before=now + timedelta(seconds=1), now=now)


async def swept(outbox: Outbox, queue: Queue, now: datetime) -> int:
    return await sweep(outbox=outbox, queue=queue, before=now, now=now)


async def test_an_event_is_read_as_it_was_told(mongo: Mongo, outbox: Outbox, now: datetime) -> None:
    events = await told(mongo, outbox, now, ["room.happened", "room.told"])
    assert await outbox.load([events[1].id, events[0].id, new_id()]) == events


async def test_an_event_of_a_change_that_failed_was_never_told(mongo: Mongo, outbox: Outbox, now: datetime) -> None:
    async def work(transaction: Transaction) -> None:
        await outbox.add([Event(kind="room.told", about=new_id(), at=now)], transaction=transaction)
        raise LookupError

    with pytest.raises(LookupError):
        await mongo.transact(work)
    assert await outbox.waiting(before=now + LATER, limit=9) == []


async def test_every_job_that_wants_an_event_gets_it_once(
    mongo: Mongo, outbox: Outbox, queue: Queue, now: datetime
) -> None:
    happened, only_told, unwanted = await told(mongo, outbox, now, ["room.happened", "room.told", "room.ignored"])
    assert await relayed(outbox, queue, now) == 3
    assert queue.ids_of("tell") == [str(happened.id), str(only_told.id)]
    assert queue.ids_of("count") == [str(happened.id)]
    assert str(unwanted.id) not in str(queue.jobs)
    assert await relayed(outbox, queue, now) == 0


async def test_a_job_gets_no_more_than_two_hundred_events(
    mongo: Mongo, outbox: Outbox, queue: Queue, now: datetime
) -> None:
    events = await told(mongo, outbox, now, ["room.told"] * 1205)
    assert await relayed(outbox, queue, now) == 1205
    assert max(len(ids) for _, ids in queue.jobs) == 200
    assert queue.ids_of("tell") == [str(event.id) for event in events]


async def test_events_that_have_just_happened_wait_for_the_next_round(
    mongo: Mongo, outbox: Outbox, queue: Queue, now: datetime
) -> None:
    await told(mongo, outbox, now, ["room.told"])
    assert await relay(outbox=outbox, queue=queue, routes=ROUTES, before=now, now=now) == 0


async def test_while_the_broker_is_away_nothing_is_lost(
    mongo: Mongo, outbox: Outbox, queue: Queue, now: datetime
) -> None:
    (event,) = await told(mongo, outbox, now, ["room.happened"])
    queue.breaks_at = "count"
    with pytest.raises(ConnectionError):
        await relayed(outbox, queue, now)
    queue.breaks_at = None
    assert await relayed(outbox, queue, now) == 1
    assert queue.ids_of("count") == [str(event.id)]
    assert queue.ids_of("tell") == [str(event.id)] * 2


async def test_a_relay_that_died_before_it_noted_what_it_queued_queues_again(
    mongo: Mongo, outbox: Outbox, queue: Queue, now: datetime
) -> None:
    (event,) = await told(mongo, outbox, now, ["room.told"])

    class DiesBeforeMarking(Outbox):
        async def mark_published(self, *_: object, **__: object) -> None:
            raise SystemExit

    with pytest.raises(SystemExit):
        await relay(outbox=DiesBeforeMarking(mongo), queue=queue, routes=ROUTES, before=now + LATER, now=now)
    assert await relayed(outbox, queue, now) == 1
    assert queue.ids_of("tell") == [str(event.id)] * 2


async def test_a_job_that_got_lost_is_queued_again_and_a_confirmed_one_is_not(
    mongo: Mongo, outbox: Outbox, queue: Queue, now: datetime
) -> None:
    lost, done = await told(mongo, outbox, now, ["room.happened", "room.told"])
    await relayed(outbox, queue, now)
    await outbox.confirm([lost.id], job="count")
    await outbox.confirm([done.id], job="tell")
    queue.jobs.clear()
    assert await swept(outbox, queue, now) == 0  # it is not late yet
    assert await swept(outbox, queue, now + LATER) == 1
    assert queue.jobs == [("tell", [str(lost.id)])]
    assert await swept(outbox, queue, now + LATER) == 0  # it was queued a moment ago
    assert await swept(outbox, queue, now + 2 * LATER) == 1
    await outbox.confirm([lost.id], job="tell")
    assert await swept(outbox, queue, now + 9 * LATER) == 0


async def test_a_job_that_is_less_patient_is_swept_alone(
    mongo: Mongo, outbox: Outbox, queue: Queue, now: datetime
) -> None:
    events = await told(mongo, outbox, now, ["room.happened", "room.told"])
    await relayed(outbox, queue, now)
    both = {event.id for event in events if "count" in ROUTES[event.kind]}
    queue.jobs.clear()
    late = now + LATER
    assert await sweep(outbox=outbox, queue=queue, before=late, now=late, job="count") == len(both)
    assert {event_id for _, ids in queue.jobs for event_id in ids} == {str(event_id) for event_id in both}


async def test_confirming_twice_is_confirming_once(mongo: Mongo, outbox: Outbox, queue: Queue, now: datetime) -> None:
    (event,) = await told(mongo, outbox, now, ["room.happened"])
    await relayed(outbox, queue, now)
    for _ in range(2):
        await outbox.confirm([event.id], job="tell")
    assert await outbox.unconfirmed(before=now + LATER, limit=9) == {event.id: ["count"]}


@pytest.mark.parametrize("again", [relayed, swept])
async def test_a_worker_that_confirms_before_the_relay_has_noted_it_is_heard(
    mongo: Mongo, outbox: Outbox, now: datetime, again: object
) -> None:
    """Between queueing and noting lie milliseconds; a worker that is idle needs no longer."""

    class QueueWithAFastWorker(Queue):
        async def send(self, name: str, /, **payload: object) -> None:
            await super().send(name, **payload)
            await outbox.confirm([event.id], job=name)

    (event,) = await told(mongo, outbox, now, ["room.happened"])
    if again is swept:
        await relayed(outbox, Queue(), now)
        assert await swept(outbox, QueueWithAFastWorker(), now + LATER) == 1
    else:
        await relayed(outbox, QueueWithAFastWorker(), now)
    assert await swept(outbox, Queue(), now + 9 * LATER) == 0
