"""Readings a second by the stream: a reading of every meter a quarter of an hour, from equal bytes, one process each.

The consumer checks signatures and readings, corrects by version, keeps days with totals, and acknowledges. The peer
reads the same bytes and inserts them into a native time-series collection, which can neither correct a reading nor
tell a repeated one: it ends with 1 % of wrong and 1 % of double readings. Both wait until a majority has it in the
journal.

What a stream costs is the day of a meter, rewritten once a portion; its month follows when the day begins and ends.
Both rows have 60,000 meters. In the first no portion holds a meter twice (but for what is corrected and repeated), so
every reading pays for a day: a worker that keeps up with so many meters takes them as they come. In the second twelve
quarters wait when the worker begins, as where it was away for three hours, and its portions grow as the settings let
them. The quarter with which the days begin is stored before the watch runs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final

import orjson

from bench import mongod, town
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

_KEEPING_UP: Final = "stream, a quarter a portion (readings)"
_BEHIND: Final = "stream, 12 quarters waiting (readings)"
_PEER: Final = "insert_many, time-series collection"
_ROWS_AN_ENTRY: Final = 250
_PART_OF_A_ROW: Final = 40
"""Bytes; a row has 75, so a portion of so many a meter holds about half of a quarter."""

_EVENING: Final = timedelta(hours=20)
_FROM_SLOT: Final = 32
"""The stream begins at eight in the morning."""


async def run(ground: Ground) -> list[Result]:
    """Store quarters of a town, each time into an empty database: by portions that may not grow, and that may."""
    zone = ground.settings.time_zone
    day = local_day(datetime.now().astimezone(), zone) - timedelta(days=1)
    meters = ground.size(60_000, 10_000)
    small = _PART_OF_A_ROW * meters
    results: list[Result] = []
    for row, quarters, chosen in (
        (_KEEPING_UP, 2, {"feed_stream_batch_bytes": small, "feed_stream_backlog_bytes": small}),
        (_BEHIND, 12, dict[str, int]()),
    ):
        apart = replace(ground, settings=ground.settings.model_copy(update=chosen))
        homes = town.homes(meters)
        begun, bodies = (
            [
                ndjson(entry, day=day, zone=zone)
                for entry in entries(said(homes, day=day, slots=slots, seed=1), rows=_ROWS_AN_ENTRY)
            ]
            for slots in (range(_FROM_SLOT - 1, _FROM_SLOT), range(_FROM_SLOT, _FROM_SLOT + quarters))
        )
        subjects = {OURS: _consumer(apart, homes, begun, bodies, day), _PEER: _inserts(ground, bodies)}
        results += await in_turns(row, subjects, rounds=ground.size(3, 2))
    return results


def _consumer(
    ground: Ground, homes: Sequence[town.Home], begun: Sequence[bytes], bodies: Sequence[bytes], day: date
) -> Callable[[int], Awaitable[Sample]]:
    async def sample(number: int) -> Sample:
        settings = ground.on("bench_stream", feed_stream=f"bench:readings:{len(bodies)}:{number}")
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
                before, watch = await mongod.cpu(mongo), Stopwatch()
                working = asyncio.create_task(consumer.run())
                await _drained(stream)
                taken = watch.sample(sum(body.count(b"\n") for body in bodies))
                taken = replace(taken, mongod=await mongod.cpu(mongo) - before)
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
        stored, waiting, before, watch = 0, iter(bodies), await mongod.cpu(mongo), Stopwatch()
        while some := list(islice(waiting, _ENTRIES_AT_ONCE)):
            rows = [orjson.loads(line) for body in some for line in body.splitlines()]
            documents = [
                {"at": datetime.fromisoformat(row["start"]), "meter": row["meter"], "kwh": float(row["kwh"])}
                for row in rows
            ]
            await readings.insert_many(documents, ordered=False)
            stored += len(documents)
        taken = watch.sample(stored)
        taken = replace(taken, mongod=await mongod.cpu(mongo) - before)
        await mongo.drop()
        await mongo.close()
        return taken

    return sample


_ENTRIES_AT_ONCE: Final = 40


def _empty(ground: Ground, database: str) -> Mongo:
    return Mongo.connect(uri=str(ground.settings.mongo_uri), database=database, driver=ground.settings.mongo_driver)
