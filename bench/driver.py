"""What one read costs through the seam, by either driver: a document by its id, and a hundred at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from bench.ground import Ground
from bench.result import OURS, Result
from bench.rounds import Sample, Stopwatch, in_turns
from gridhall.kit.mongo import Mongo

_DATABASE = "bench_driver"
_DOCUMENTS = 100
_AT_ONCE = 16
_DRIVERS = {OURS: "pymongo", "Motor": "motor"}

Ask = Callable[[], Awaitable[object]]


async def run(ground: Ground) -> list[Result]:
    """Ask by 16 tasks at once. gridhall is PyMongo's own async client, which it runs on by default."""
    connected = {
        subject: Mongo.connect(uri=str(ground.settings.mongo_uri), database=_DATABASE, driver=driver)
        for subject, driver in _DRIVERS.items()
    }
    await _fill(connected[OURS])
    results: list[Result] = []
    for row, ask, units in (
        ("find one by id", _one, ground.size(6000, 1500)),
        (f"find {_DOCUMENTS} documents", _many, ground.size(800, 200)),
    ):
        subjects = {subject: _subject(ask(mongo), units) for subject, mongo in connected.items()}
        for subject in subjects.values():
            await subject(0)
        results += await in_turns(row, subjects, rounds=ground.rounds)
    for mongo in connected.values():
        await mongo.close()
    return results


async def _fill(mongo: Mongo) -> None:
    lines = [{"kind": "energy", "period": "peak", "tier": 1, "kwh": "107", "price": "0.568", "amount": 6078}] * 3
    documents = [
        {"_id": number, "month": "2026-10", "kwh": "166", "total": 7812, "lines": lines} for number in range(_DOCUMENTS)
    ]
    await mongo["documents"].insert_many(documents)


def _one(mongo: Mongo) -> Ask:
    documents = mongo["documents"]
    return lambda: documents.find_one({"_id": 42})


def _many(mongo: Mongo) -> Ask:
    documents = mongo["documents"]

    async def ask() -> int:
        return len([document async for document in documents.find({"_id": {"$gte": 0}}).limit(_DOCUMENTS)])

    return ask


def _subject(ask: Ask, units: int) -> Callable[[int], Awaitable[Sample]]:
    async def sample(_round: int) -> Sample:
        each: list[float] = []

        async def asking() -> None:
            for _ in range(units // _AT_ONCE):
                started = time.perf_counter()
                await ask()
                each.append((time.perf_counter() - started) * 1000)

        watch = Stopwatch()
        await asyncio.gather(*(asking() for _ in range(_AT_ONCE)))
        return watch.sample(len(each), each)

    return sample
