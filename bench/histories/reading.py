"""Asking for a month of quarters and for a year of months, of gridhall and of its peer."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from bench import mongod, town
from bench.histories.filling import SERIES
from bench.rounds import Sample, Stopwatch
from gridhall.kit.localdays import Month, day_start
from gridhall.kit.mongo import Document, Mongo
from gridhall.metering.histories.queries import interval_series, month_series
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.points.model import ServicePoint

Ask = Callable[[int], Awaitable[int]]
"""Read what the numbered home used; return how many values came."""


class OurMonths:
    """gridhall's own queries."""

    def __init__(self, mongo: Mongo, points: Sequence[ServicePoint], months: Sequence[Month]) -> None:
        self._histories, self._points, self._months = HistoryRepository(mongo), points, months

    async def quarters(self, number: int) -> int:
        """Read a month of quarters."""
        days, point = self._months[number % len(self._months)].days, self._points[number % len(self._points)]
        return len((await interval_series(point=point, days=days, histories=self._histories)).values)

    async def year(self, number: int) -> int:
        """Read the months of a year."""
        point = self._points[number % len(self._points)]
        return len((await month_series(point=point, months=self._months, histories=self._histories)).totals)


class TheirMonths:
    """The same of a time-series collection: quarters into columns, and months by the database's own grouping."""

    def __init__(self, mongo: Mongo, homes: Sequence[town.Home], months: Sequence[Month], zone: str) -> None:
        self._mongo, self._homes, self._months, self._zone = mongo, homes, months, zone

    async def quarters(self, number: int) -> int:
        """Read a month of quarters."""
        month = self._months[number % len(self._months)]
        found = self._mongo[SERIES].find(self._filter(number, month, month)).sort("at", 1)
        documents = await found.to_list(None)
        starts, values, qualities = zip(*((one["at"], one["kwh"], one["quality"]) for one in documents), strict=True)
        return max(len(starts), len(values), len(qualities))

    async def year(self, number: int) -> int:
        """Read the months of a year."""
        label = {"$dateToString": {"date": "$at", "format": "%Y-%m", "timezone": self._zone}}
        sums = {"kwh": {"$sum": "$kwh"}, "present": {"$sum": 1}, "worst": {"$max": "$quality"}}
        months = await self._mongo.aggregate(
            SERIES,
            [
                {"$match": self._filter(number, self._months[0], self._months[-1])},
                {"$group": {"_id": label, **sums}},
                {"$sort": {"_id": 1}},
            ],
        )
        return len(months)

    def _filter(self, number: int, first: Month, last: Month) -> Document:
        between = {"$gte": day_start(first.first, self._zone), "$lt": day_start(last.days.end, self._zone)}
        return {"meter": self._homes[number % len(self._homes)].meter, "at": between}


def subject(ask: Ask, mongo: Mongo, units: int) -> Callable[[int], Awaitable[Sample]]:
    """Return what asks one question after the other and adds up the CPU, the database's too."""

    async def sample(round_: int) -> Sample:
        await asyncio.sleep(0.2)  # what mongod does of its own accord after the others' turn
        each, before, watch = [], await mongod.cpu(mongo), Stopwatch()
        for number in range(units):
            started = time.perf_counter()
            await ask(round_ * units + number)
            each.append((time.perf_counter() - started) * 1000)
        taken = watch.sample(units, each)
        return Sample(taken.units, taken.seconds, taken.cpu, each, mongod=await mongod.cpu(mongo) - before)

    return sample
