"""A consumer on a real stream and a real database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from gridhall.kit.clock import FixedClock
from gridhall.kit.ids import new_id
from gridhall.kit.mongo import Mongo
from gridhall.kit.redis import connect_redis_bytes
from gridhall.metering.feed.clients import add_client
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.repository import FeedClientRepository
from gridhall.metering.feed.stream.consumer import Consumer
from gridhall.metering.feed.stream.portions import Portion, PortionIntake, Stored
from gridhall.metering.feed.stream.producer import publish
from gridhall.metering.feed.stream.redis_stream import ReadingStream
from gridhall.metering.feed.stream.supply import Pace
from gridhall.metering.histories.keys import day_key

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
GOOD = b'{"meter":"M0","start":"2026-10-03T08:15:00+08:00","kwh":"0.125"}\n'
UNKNOWN = b'{"meter":"nobody","start":"2026-10-03T08:15:00+08:00","kwh":"0.125"}\n'

Consume = Callable[..., Awaitable[None]]


@pytest.fixture
async def stream(redis_uri: str) -> AsyncIterator[ReadingStream]:
    redis = connect_redis_bytes(redis_uri)
    stream = ReadingStream(redis, name=f"test:{new_id()}", group="intake")
    await stream.prepare()
    yield stream
    await redis.delete(stream.name)
    await stream.close()


@pytest.fixture
async def token(mongo: Mongo) -> str:
    return await add_client(name="ami", regions=["zhejiang"], clients=FeedClientRepository(mongo), now=NOW)


@pytest.fixture
def intake(mongo: Mongo, stores: IntakeStores, limits: Limits) -> PortionIntake:
    return PortionIntake(stores=stores, clients=FeedClientRepository(mongo), limits=limits, entry_bytes=4096)


@pytest.fixture
def consume(stream: ReadingStream, intake: PortionIntake) -> Consume:
    """Run a consumer until everything is acknowledged."""

    async def until_done(intake: PortionIntake = intake, tries: int = 2, batch_bytes: int = 2**20) -> None:
        stop = asyncio.Event()
        consumer = Consumer(
            name="one",
            stream=stream,
            intake=intake,
            pace=Pace(batch_bytes=batch_bytes, backlog_bytes=4 * batch_bytes, claim_seconds=0.1, tries=tries),
            clock=FixedClock(NOW),
            stop=stop,
        )
        working = asyncio.create_task(consumer.run())
        async with asyncio.timeout(10):
            while (status := await stream.status()).pending or status.lag:  # noqa: ASYNC110 - Redis rings no bell
                await asyncio.sleep(0.02)
        stop.set()
        await working

    return until_done


async def kept_of(stores: IntakeStores, slot: int) -> int:
    key = day_key(UUID(int=1), "import-kwh", date(2026, 10, 3))
    return (await stores.histories.days([key]))[key].unpacked()[slot]


async def test_entries_are_stored_acknowledged_trimmed_and_the_consumer_leaves(
    stream: ReadingStream, token: str, consume: Consume, stores: IntakeStores
) -> None:
    await publish(rows=GOOD, token=token, stream=stream, packed=True)
    await consume()
    status = await stream.status()
    assert (await kept_of(stores, 33), status.length, status.consumers) == (125, 0, ())


async def test_a_refused_row_names_its_entry_and_its_line(
    stream: ReadingStream, token: str, consume: Consume, stores: IntakeStores
) -> None:
    await publish(rows=GOOD, token=token, stream=stream)
    id_ = await publish(rows=GOOD + UNKNOWN, token=token, stream=stream, batch="night")
    await consume()
    (row,) = await stores.quarantine.page(limit=5)
    assert (row.code, row.batch, row.line, row.client, row.raw + b"\n") == (
        "unknown-meter",
        f"night@{id_}",
        2,
        "ami",
        UNKNOWN,
    )


async def test_what_nobody_signed_and_what_nobody_can_read_is_kept_and_the_rest_goes_on(
    stream: ReadingStream, token: str, consume: Consume, stores: IntakeStores
) -> None:
    await publish(rows=GOOD, token=token + "x", stream=stream)
    await publish(rows=GOOD, token=token, stream=stream, format="no-such-format")
    await publish(rows=b"x" * 5000, token=token, stream=stream)
    await stream.add({b"anything": b"else"})
    await publish(rows=GOOD, token=token, stream=stream)
    await consume()
    rows = await stores.quarantine.page(limit=9)
    assert sorted(row.code for row in rows) == ["bad-entry", "bad-entry", "entry-too-large", "unsigned-entry"]
    assert next(row.regions for row in rows if row.code == "unsigned-entry") == frozenset()
    assert await kept_of(stores, 33) == 125


async def test_an_entry_that_fails_again_and_again_goes_to_quarantine_and_holds_nobody_up(
    stream: ReadingStream, token: str, *, consume: Consume, stores: IntakeStores, mongo: Mongo, limits: Limits
) -> None:
    class Choking(PortionIntake):
        async def take(self, portion, delivered, *, now):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - as above
            if any(b"poison" in one.body for one in delivered):
                raise ZeroDivisionError("it chokes")
            return await super().take(portion, delivered, now=now)

    await publish(rows=b"poison\n", token=token, stream=stream)
    await publish(rows=GOOD, token=token, stream=stream)
    choking = Choking(stores=stores, clients=FeedClientRepository(mongo), limits=limits, entry_bytes=4096)
    await consume(choking)
    (row,) = await stores.quarantine.page(limit=5)
    assert (row.code, row.client, row.raw) == ("poison-entry", "ami", b"poison\n")
    assert "ZeroDivisionError: it chokes" in row.sentence
    assert await kept_of(stores, 33) == 125


class Noting(PortionIntake):
    """An intake that notes how large its portions are, and chokes on poison once that is in a portion."""

    def __init__(self, *, stores: IntakeStores, clients: FeedClientRepository, limits: Limits) -> None:
        super().__init__(stores=stores, clients=clients, limits=limits, entry_bytes=4096)
        self.sizes: list[int] = []
        self.poisoned = 0

    async def store(self, portion: Portion, *, now: datetime) -> Stored:
        self.sizes.append(portion.size)
        if any(b"poison" in row.raw for row in portion.kept):
            self.poisoned += 1
            raise ZeroDivisionError("it chokes")
        return await super().store(portion, now=now)


@pytest.fixture
def noting(mongo: Mongo, stores: IntakeStores, limits: Limits) -> Noting:
    return Noting(stores=stores, clients=FeedClientRepository(mongo), limits=limits)


def of_slot(slot: int) -> bytes:
    return b'{"meter":"M0","start":"2026-10-03T%02d:%02d:00+08:00","kwh":"0.125"}\n' % (slot // 4, slot % 4 * 15)


async def test_portions_grow_while_the_consumer_is_behind_and_shrink_when_it_has_caught_up(
    stream: ReadingStream, token: str, *, consume: Consume, noting: Noting, stores: IntakeStores
) -> None:
    row = len(of_slot(0))
    for slot in range(40):
        await publish(rows=of_slot(slot), token=token, stream=stream)
    await consume(noting, batch_bytes=4 * row)
    usual, grown = noting.sizes[0], max(noting.sizes)
    assert usual < 2 * usual <= grown <= 2 * 16 * row
    assert sum(noting.sizes) == 40 * row
    assert len(noting.sizes) < 40 / 4 - 2
    key = day_key(UUID(int=1), "import-kwh", date(2026, 10, 3))
    (day,) = (await stores.histories.days([key])).values()
    assert (sum(day.unpacked()[:40]), day.revision) == (40 * 125, len(noting.sizes))


async def test_poison_in_a_grown_portion_is_found_by_halves_and_everything_beside_it_is_stored(
    stream: ReadingStream, token: str, *, consume: Consume, noting: Noting, stores: IntakeStores
) -> None:
    for slot in range(32):
        await publish(rows=of_slot(slot) + (b"poison\n" if slot == 21 else b""), token=token, stream=stream)
    await consume(noting, batch_bytes=32 * 80, tries=1)
    (row,) = await stores.quarantine.page(limit=5)
    assert (row.code, row.raw) == ("poison-entry", of_slot(21) + b"poison\n")
    assert noting.poisoned <= 1 + 5
    key = day_key(UUID(int=1), "import-kwh", date(2026, 10, 3))
    (day,) = (await stores.histories.days([key])).values()
    assert [slot for slot, kept in enumerate(day.unpacked()) if kept == 125] == [*range(21), *range(22, 32)]


async def test_what_a_dead_consumer_had_in_a_large_portion_is_taken_in_small_steps(
    stream: ReadingStream, token: str, consume: Consume, noting: Noting
) -> None:
    for slot in range(40):
        await publish(rows=of_slot(slot), token=token, stream=stream)
    assert len(await stream.fresh(consumer="dead", count=40, wait_ms=10)) == 40
    await consume(noting, batch_bytes=4 * len(of_slot(0)))
    assert max(noting.sizes) <= 8 * len(of_slot(0))


async def test_nothing_is_trimmed_that_another_group_has_not_acknowledged(
    stream: ReadingStream, token: str, consume: Consume
) -> None:
    other = ReadingStream(stream._redis, name=stream.name, group="slow")
    await other.prepare()
    ids = [await publish(rows=GOOD, token=token, stream=stream) for _ in range(4)]
    await consume()
    assert await stream.length() == 4
    await other.fresh(consumer="x", count=3, wait_ms=10)
    await other.acknowledge([ids[0], ids[2]])
    assert (await stream.trim(), await stream.length()) == (1, 3)


async def test_an_old_value_delivered_again_does_not_take_the_place_of_its_correction(
    stream: ReadingStream, token: str, consume: Consume, stores: IntakeStores
) -> None:
    corrected = GOOD.replace(b'"0.125"', b'"0.200","version":1')
    await publish(rows=GOOD, token=token, stream=stream)
    taken_by_the_dead = await stream.fresh(consumer="dead", count=1, wait_ms=10)
    assert taken_by_the_dead
    await publish(rows=corrected, token=token, stream=stream)
    await consume()
    assert await kept_of(stores, 33) == 200


async def test_who_left_with_entries_in_hand_stays_until_they_are_taken_over(stream: ReadingStream, token: str) -> None:
    await publish(rows=GOOD, token=token, stream=stream)
    await stream.fresh(consumer="holding", count=1, wait_ms=10)
    await stream.leave("holding")
    assert [one.name for one in (await stream.status()).consumers] == ["holding"]
