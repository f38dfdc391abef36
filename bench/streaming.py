"""Readings a second by the stream: a reading of every meter a quarter of an hour, from equal bytes, one process each.

The consumer checks signatures and readings, corrects by version, keeps days with totals, and acknowledges. The peer
reads the same bytes and inserts them into a native time-series collection, which can neither correct a reading nor
tell a repeated one: it ends with 1 % of wrong and 1 % of double readings. Both wait until a majority has it in the
journal.

What a stream costs is the day of a meter, rewritten once a portion; its month follows when the day begins and ends.
The first row has more meters than a portion has rows, so every reading pays for one, as where a worker serves millions
of meters and keeps up. The second has a portion hold some ten quarters of each meter, as where a worker has fallen
behind or serves few meters. The quarter with which the days begin is stored before the watch runs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final

import orjson

from bench import town
from bench.ground import Ground
from bench.quarters import entries, ndjson, said
from bench.result import OURS, Result
from bench.rounds import Sample, Stopwatch, in_turns
from gridhall.kit.clock import FixedClock
from gridhall.kit.localdays import day_start, local_day
from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.clients import add_client
from gridhall.metering.feed.stream.process import consumer_of, open_stream, seldom_collected
from gridhall.metering.feed.stream.producer import publish
from gridhall.metering.feed.stream.redis_stream import ReadingStream
from gridhall.metering.services import REPOSITORIES, Metering

_LIVE: Final = "stream, a portion a quarter (readings)"
_CATCHING_UP: Final = "stream, some quarters a portion (readings)"
_PEER: Final = "insert_many, time-series collection"
_ROWS_AN_ENTRY: Final = 250
_EVENING: Final = timedelta(hours=20)
_FROM_SLOT: Final = 32
"""The stream begins at eight in the morning."""


async def run(ground: Ground) -> list[Result]:
    """Store quarters of a town, each time into an empty database: by portions of one quarter, and of many."""
    zone = ground.settings.time_zone
    day = local_day(datetime.now().astimezone(), zone) - timedelta(days=1)
    results: list[Result] = []
    for row, meters, quarters in (
        (_LIVE, ground.size(60_000, 10_000), 2),
        (_CATCHING_UP, ground.size(8_000, 2_000), ground.size(30, 20)),
    ):
        homes = town.homes(meters)
        begun, bodies = (
            [
                ndjson(entry, day=day, zone=zone)
                for entry in entries(said(homes, day=day, slots=slots, seed=1), rows=_ROWS_AN_ENTRY)
            ]
            for slots in (range(_FROM_SLOT - 1, _FROM_SLOT), range(_FROM_SLOT, _FROM_SLOT + quarters))
        )
        subjects = {OURS: _consumer(ground, homes, begun, bodies, day), _PEER: _inserts(ground, bodies)}
        results += await in_turns(row, subjects, rounds=ground.size(3, 2))
    return results


def _consumer(
    ground: Ground, homes: Sequence[town.Home], begun: Sequence[bytes], bodies: Sequence[bytes], day: date
) -> Callable[[int], Awaitable[Sample]]:
    async def sample(number: int) -> Sample:
        settings = ground.on("bench_stream", feed_stream=f"bench:readings:{number}")
        mongo = _empty(ground, settings.mongo_database)
        await mongo.drop()
        await mongo.prepare(REPOSITORIES)
        metering = Metering.open(mongo=mongo, settings=settings)
        await town.install(metering.points, homes, since=day, zone=settings.time_zone)
        clock = FixedClock(day_start(day, settings.time_zone) + _EVENING)  # a stream brings the day that still runs
        token = await add_client(name="bench", regions=[town.REGION], clients=metering.clients, now=clock.now())
        stop = asyncio.Event()
        async with open_stream(settings) as stream:
            await stream.prepare()
            consumer = consumer_of(settings, name="bench", stream=stream, metering=metering, clock=clock, stop=stop)
            with seldom_collected():
                working = asyncio.create_task(consumer.run())
                await _published(begun, token, stream)
                await _drained(stream)
                stop.set()
                await working
                stop.clear()
                await _published(bodies, token, stream)
                watch, working = Stopwatch(), asyncio.create_task(consumer.run())
                await _drained(stream)
                taken = watch.sample(sum(body.count(b"\n") for body in bodies))
                stop.set()
                await working
        kept = await mongo["usage_days"].count_documents({})
        await mongo.drop()
        await mongo.close()
        if kept != len(homes):
            raise RuntimeError(f"{kept} days of {len(homes)} meters were stored")
        return taken

    return sample


async def _published(bodies: Sequence[bytes], token: str, stream: ReadingStream) -> None:
    for body in bodies:
        await publish(rows=body, token=token, stream=stream)


async def _drained(stream: ReadingStream) -> None:
    while (status := await stream.status()).pending or status.lag:  # noqa: ASYNC110 - Redis rings no bell
        await asyncio.sleep(0.1)


def _inserts(ground: Ground, bodies: Sequence[bytes]) -> Callable[[int], Awaitable[Sample]]:
    async def sample(_round: int) -> Sample:
        mongo = _empty(ground, "bench_time_series")
        await mongo.drop()
        series = {"timeField": "at", "metaField": "meter", "granularity": "minutes"}
        readings = await mongo.database.create_collection("readings", timeseries=series)
        stored, watch, waiting = 0, Stopwatch(), iter(bodies)
        while some := list(islice(waiting, _ENTRIES_AT_ONCE)):
            rows = [orjson.loads(line) for body in some for line in body.splitlines()]
            documents = [
                {"at": datetime.fromisoformat(row["start"]), "meter": row["meter"], "kwh": float(row["kwh"])}
                for row in rows
            ]
            await readings.insert_many(documents, ordered=False)
            stored += len(documents)
        taken = watch.sample(stored)
        await mongo.drop()
        await mongo.close()
        return taken

    return sample


_ENTRIES_AT_ONCE: Final = 40


def _empty(ground: Ground, database: str) -> Mongo:
    return Mongo.connect(uri=str(ground.settings.mongo_uri), database=database, driver=ground.settings.mongo_driver)
