"""Consumers of the feed's stream killed in mid-stream, and what is kept afterwards compared with what was sent."""

import asyncio
import random
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from bench import town
from bench.chaos.consumers import Consumers
from bench.quarters import Said, entries, holding, ndjson, said
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings
from gridhall.metering import services
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.feed.clients import add_client
from gridhall.metering.feed.stream.process import open_stream
from gridhall.metering.feed.stream.producer import publish
from gridhall.metering.feed.stream.redis_stream import ReadingStream, StreamStatus
from gridhall.metering.histories.keys import day_key, month_key
from gridhall.metering.histories.packing import MISSING
from gridhall.metering.services import Metering

_PROCESSES: Final = 2
_LOOK_SECONDS: Final = 0.02
_DRAIN_SECONDS: Final = 120
_ALWAYS_WAITING: Final = 60
"""Entries that the feeder keeps undelivered, so that every kill falls into the middle of the stream."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found after the last kill, when everything was acknowledged.

    sent: readings published, corrections and repetitions among them. expected: different readings among those.
    found: those of them that are kept once with the right value. months: meters whose month says the same as its day.
    corrected: corrections published. revisions: older revisions kept; a kill between keeping one and writing its day
    leaves one more, which is true all the same. multiplied: meters whose day was written more often than different
    things were said of it. quarantined: rows and entries kept there. length, pending: what is left in the stream.
    exits: how the processes that were asked to stop did.
    """

    kills: int
    entries: int
    acknowledged: int
    sent: int
    expected: int
    found: int
    meters: int
    months: int
    corrected: int
    revisions: int
    multiplied: int
    quarantined: int
    length: int
    pending: int
    exits: tuple[int, ...]

    def problems(self) -> list[str]:
        """Return what is not as it has to be."""
        claims = {
            "every entry is acknowledged": self.acknowledged == self.entries,
            "every reading is kept once, with its last value": self.found == self.expected,
            "every month agrees with its day": self.months == self.meters,
            "a redelivery writes no day again": not self.multiplied,
            "nothing is refused": not self.quarantined,
            "the stream is trimmed": not self.length and not self.pending,
            "whoever is asked to stop ends well": not any(self.exits),
        }
        return [f"not so: {claim}" for claim, holds in claims.items() if not holds]


@dataclass(slots=True)
class _Feeder:
    """Publishes the plan bit by bit, and remembers what it published."""

    stream: ReadingStream
    token: str
    day: date
    zone: str
    plan: Iterator[Sequence[Said]]
    sent: list[Said] = field(default_factory=list)
    published: int = 0

    async def top_up(self, status: StreamStatus) -> None:
        for entry in islice(self.plan, max(0, _ALWAYS_WAITING - (status.lag or 0))):
            rows = ndjson(entry, day=self.day, zone=self.zone)
            await publish(rows=rows, token=self.token, stream=self.stream, batch="chaos")
            self.sent.extend(entry)
            self.published += 1


async def kill_consumers(
    settings: Settings,
    *,
    mongo: Mongo,
    folder: Path,
    kills: int,
    longest_life: float,
    meters: int,
    rows: int,
    seed: int,
) -> Outcome:
    """Feed the stream, kill its consumers `kills` times at random moments, let them finish, and count.

    The database and the stream that the settings name must be empty.
    longest_life: seconds at most that a consumer works before it is killed. rows: of an entry.
    """
    day = local_day(datetime.now(UTC), settings.time_zone) - timedelta(days=1)
    homes = town.homes(meters)
    await mongo.prepare(services.REPOSITORIES)
    metering = Metering.open(mongo=mongo, settings=settings)
    await town.install(metering.points, homes, since=day, zone=settings.time_zone)
    token = await add_client(name="chaos", regions=[town.REGION], clients=metering.clients, now=datetime.now(UTC))
    consumers = Consumers(settings, folder / "consumers.log")
    async with open_stream(settings) as stream:
        await stream.prepare()
        plan = entries(said(homes, day=day, slots=range(96), seed=seed), rows=rows)
        feeder = _Feeder(stream, token, day, settings.time_zone, plan)
        try:
            for _ in range(_PROCESSES):
                consumers.start()
            await _kill(feeder, consumers, kills=kills, longest_life=longest_life, seed=seed)
            await _drained(stream, consumers)
        finally:
            exits = await asyncio.to_thread(consumers.stop)
        status = await stream.status()
    expected = holding(feeder.sent)
    found, months, multiplied = await _count(metering, homes, feeder.sent, day=day)
    return Outcome(
        kills=kills,
        entries=feeder.published,
        acknowledged=feeder.published - status.pending - (status.lag or 0),
        sent=len(feeder.sent),
        expected=len(expected),
        found=found,
        meters=len({meter for meter, _ in expected}),
        months=months,
        corrected=sum(one.version for one in feeder.sent),
        revisions=await mongo["usage_revisions"].count_documents({}),
        multiplied=multiplied,
        quarantined=await mongo["quarantine"].count_documents({}),
        length=status.length,
        pending=status.pending,
        exits=tuple(exits),
    )


async def _kill(feeder: _Feeder, consumers: Consumers, *, kills: int, longest_life: float, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - it plays, it guards nothing
    clock = asyncio.get_running_loop().time
    for _ in range(kills):
        dies_at: float | None = None
        while True:
            status = await feeder.stream.status()
            await feeder.top_up(status)
            consumers.fail_if_one_ended()
            working = {one.name for one in status.consumers if one.pending}
            if dies_at is None and consumers.some_of(working):
                dies_at = clock() + chance.uniform(0, longest_life)
            if dies_at is not None and clock() >= dies_at and consumers.kill_one(chance, among=working):
                break
            await asyncio.sleep(_LOOK_SECONDS)


async def _drained(stream: ReadingStream, consumers: Consumers) -> None:
    async with asyncio.timeout(_DRAIN_SECONDS):
        while (status := await stream.status()).pending or status.lag:
            consumers.fail_if_one_ended()
            await asyncio.sleep(_LOOK_SECONDS)


async def _count(
    metering: Metering, homes: Sequence[town.Home], sent: Collection[Said], *, day: date
) -> tuple[int, int, int]:
    """Return how many readings are kept as they must be, how many months agree, how many days changed too often."""
    expected, different = holding(sent), Counter(one.meter for one in set(sent))
    histories = metering.stores.histories
    days = await histories.days([day_key(home.point_id, IMPORT_KWH, day) for home in homes])
    months = await histories.months([month_key(home.point_id, IMPORT_KWH, Month.of(day)) for home in homes])
    right = agreeing = multiplied = 0
    for home in homes:
        bucket = days.get(day_key(home.point_id, IMPORT_KWH, day))
        if bucket is None:
            continue
        values = bucket.unpacked()
        right += sum(value == expected.get((home.meter, slot), MISSING) != MISSING for slot, value in enumerate(values))
        month = months.get(month_key(home.point_id, IMPORT_KWH, Month.of(day)))
        total = month.days[day.day] if month else None
        agreeing += total is not None and total.revision == bucket.revision and total.totals == bucket.totals
        multiplied += bucket.revision > different[home.meter]
    return right, agreeing, multiplied
