"""Readings a second: the feed's intake against `insert_many` into a native time-series collection, from equal bytes.

The intake checks, keeps days with totals and quarantines; the peer only parses and inserts, which is what a service
without usage histories would do. Both wait until a majority has it in the journal.
"""

import csv
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

import orjson

from bench import town
from bench.ground import Ground
from bench.result import OURS, Result
from bench.rounds import Sample, Stopwatch, in_turns
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Days, day_start, local_day
from gridhall.kit.mongo import Document, Mongo
from gridhall.metering.feed.files import FileChunks
from gridhall.metering.feed.intake import IntakeStores, take
from gridhall.metering.feed.model import FeedSource, Limits
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.services import REPOSITORIES

_PEER = "insert_many, time-series collection"
_AT_ONCE = 10_000
_QUARTER = timedelta(minutes=15)

Readings = Iterator[Document]


async def run(ground: Ground) -> list[Result]:
    """Import a file of day rows and one of long CSV, each into an empty database a round."""
    zone = ground.settings.time_zone
    today = local_day(datetime.now().astimezone(), zone)
    homes = town.homes(ground.size(400, 100))
    days = Days(today - timedelta(days=ground.size(10, 5)), today)
    results: list[Result] = []
    for row, write, parse in (
        ("import, a meter-day a row (readings)", _write_days, _parse_days),
        ("import, long CSV (readings)", _write_csv, _parse_csv),
    ):
        path = ground.settings.data_dir / "readings"
        write(path, homes, days, zone)
        subjects = {
            OURS: _intake(ground, path, homes, days),
            _PEER: _inserts(ground, path, parse, zone),
        }
        results += await in_turns(row, subjects, rounds=ground.size(3, 2))
    return results


def _write_days(path: Path, homes: Sequence[town.Home], days: Days, _zone: str) -> None:
    with path.open("wb") as file:
        file.writelines(orjson.dumps(town.day_row(home, day)) + b"\n" for home in homes for day in days)


def _write_csv(path: Path, homes: Sequence[town.Home], days: Days, zone: str) -> None:
    with path.open("w") as file:
        file.write("meter,start,kwh\n")
        for home in homes:
            for day in days:
                starts = _starts(day, zone, 96)
                for slot, start in enumerate(starts):
                    file.write(f"{home.meter},{start.isoformat()},{town.quarter_wh(home, day, slot) / 1000:.3f}\n")


def _intake(ground: Ground, path: Path, homes: Sequence[town.Home], days: Days) -> Callable[[int], Awaitable[Sample]]:
    limits = Limits.of(ground.settings).for_file()

    async def sample(_round: int) -> Sample:
        mongo = _empty(ground, "bench_intake")
        await mongo.drop()
        points = PointRepository(mongo)
        await mongo.prepare(REPOSITORIES)
        await town.install(points, homes, since=days.start, zone=ground.settings.time_zone)
        stores = IntakeStores.of(mongo)
        watch = Stopwatch()
        with FileChunks(path) as file:
            report = await take(
                chunks=file.read(seen=lambda _bytes: None),
                format="auto",
                source=FeedSource("bench", None, str(new_id())),
                stores=stores,
                limits=limits,
                now=datetime.now().astimezone(),
            )
        taken = watch.sample(report.accepted)
        await _close(mongo, stored=report.accepted, expected=len(homes) * len(days) * 96)
        return taken

    return sample


def _inserts(
    ground: Ground, path: Path, parse: Callable[[Path, str], Readings], zone: str
) -> Callable[[int], Awaitable[Sample]]:
    async def sample(_round: int) -> Sample:
        mongo = _empty(ground, "bench_time_series")
        await mongo.drop()
        series = {"timeField": "at", "metaField": "meter", "granularity": "minutes"}
        readings = await mongo.database.create_collection("readings", timeseries=series)
        # Creating it gives a handle with the database's options back, the write concern among them.
        stored, watch = 0, Stopwatch()
        for batch in _batches(parse(path, zone)):
            await readings.insert_many(batch, ordered=False)
            stored += len(batch)
        taken = watch.sample(stored)
        await _close(mongo, stored=stored, expected=stored)
        return taken

    return sample


def _parse_days(path: Path, zone: str) -> Readings:
    with path.open("rb") as file:
        for line in file:
            row = orjson.loads(line)
            starts = _starts(date.fromisoformat(row["day"]), zone, len(row["kwh"]))
            for start, kwh in zip(starts, row["kwh"], strict=True):
                if kwh is not None:
                    yield {"at": start, "meter": row["meter"], "kwh": float(kwh)}


def _parse_csv(path: Path, _zone: str) -> Readings:
    with path.open(newline="") as file:
        for meter, start, kwh in islice(csv.reader(file), 1, None):
            yield {"at": datetime.fromisoformat(start), "meter": meter, "kwh": float(kwh)}


def _batches(readings: Readings) -> Iterator[list[Document]]:
    while batch := list(islice(readings, _AT_ONCE)):
        yield batch


def _starts(day: date, zone: str, slots: int) -> list[datetime]:
    first = day_start(day, zone)
    return [first + _QUARTER * slot for slot in range(slots)]


def _empty(ground: Ground, database: str) -> Mongo:
    return Mongo.connect(uri=str(ground.settings.mongo_uri), database=database, driver=ground.settings.mongo_driver)


async def _close(mongo: Mongo, *, stored: int, expected: int) -> None:
    await mongo.drop()
    await mongo.close()
    if stored != expected:
        raise RuntimeError(f"{stored} of {expected} readings were stored")
