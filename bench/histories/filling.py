"""Readings of noisy homes, for both: what is even packs better than what people do."""

import random
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice

import orjson

from bench import town
from bench.ground import Ground
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Days, day_start
from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.intake import IntakeStores, take
from gridhall.metering.feed.model import FeedSource, Limits
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.services import REPOSITORIES

PEER = "time-series collection with index"
SERIES = "readings"
SLOTS = 96
_AT_ONCE = 10_000
_EVENING = range(72, 90)


async def ours(ground: Ground, mongo: Mongo, homes: Sequence[town.Home], days: Days) -> list[ServicePoint]:
    """Fill gridhall's histories through its intake, a day a row; return the homes' points."""
    points = await prepare_ours(ground, mongo, homes, days)

    async def lines() -> AsyncIterator[bytes]:
        for day in days:
            for home in homes:
                kwh = [f"{wh / 1000:.3f}" for wh in quarters(home, day)]
                yield orjson.dumps({"meter": home.meter, "day": day.isoformat(), "kwh": kwh}) + b"\n"

    await take(
        chunks=lines(),
        format="ndjson",
        source=FeedSource("bench", None, str(new_id())),
        stores=IntakeStores.of(mongo),
        limits=Limits.of(ground.settings).for_file(),
        now=datetime.now().astimezone(),
    )
    found = await points.by_ids([home.point_id for home in homes])
    return [found[home.point_id] for home in homes]


async def peer(mongo: Mongo, homes: Sequence[town.Home], days: Days, zone: str) -> None:
    """Fill a native time-series collection with the same."""
    await prepare_peer(mongo)
    readings = (
        {"at": at, "meter": home.meter, "kwh": wh / 1000, "quality": 0}
        for day in days
        for home in homes
        for at, wh in zip(starts(day, zone), quarters(home, day), strict=True)
    )
    while batch := list(islice(readings, _AT_ONCE)):
        await mongo.database[SERIES].insert_many(batch, ordered=False)


async def prepare_ours(ground: Ground, mongo: Mongo, homes: Sequence[town.Home], days: Days) -> PointRepository:
    """Empty the database and register the homes."""
    points = PointRepository(mongo)
    await mongo.drop()
    await mongo.prepare(REPOSITORIES)
    await town.install(points, homes, since=days.start, zone=ground.settings.time_zone)
    return points


async def prepare_peer(mongo: Mongo) -> None:
    """Make an empty time-series collection, indexed for its reads."""
    await mongo.drop()
    await mongo.database.create_collection(
        SERIES, timeseries={"timeField": "at", "metaField": "meter", "granularity": "minutes"}
    )
    await mongo.database[SERIES].create_index([("meter", 1), ("at", 1)])


def starts(day: date, zone: str) -> list[datetime]:
    """Return the instants at which the quarters of a day begin."""
    first = day_start(day, zone)
    return [first + timedelta(minutes=15) * slot for slot in range(SLOTS)]


def quarters(home: town.Home, day: date) -> list[int]:
    """Return the Wh of a day's quarters: a fridge, an evening, and things that run for a while."""
    chance = random.Random(home.number * 1_000_003 + day.toordinal())  # noqa: S311 - made-up homes
    base = 15 + home.number % 30
    quarters = [base + chance.randrange(12) for _ in range(SLOTS)]
    for slot in _EVENING:
        quarters[slot] += chance.randrange(40, 120)
    for _ in range(chance.randrange(6)):
        begin, power = chance.randrange(SLOTS), chance.randrange(50, 600)
        for slot in range(begin, min(SLOTS, begin + chance.randrange(1, 9))):
            quarters[slot] += power
    return quarters
