"""Days split anew by another calendar while their readings are corrected: neither undoes the other."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

import orjson

from gridhall.kit.localdays import Days, Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import IntakeReport
from gridhall.metering.histories.keys import day_key, month_key
from gridhall.metering.histories.resplitting import resplit
from gridhall.metering.histories.totals import totals_by_period, totals_of
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository
from tests.integration.metering.conftest import NOW

Feed = Callable[..., Awaitable[IntakeReport]]
DAYS = Days(date(2026, 10, 1), date(2026, 10, 21))
METERS = 4


def rows(day: date, kwh: str) -> str:
    """A day of every meter, alike in all its quarters."""
    return "\n".join(
        orjson.dumps({"meter": f"M{meter}", "day": day.isoformat(), "kwh": [kwh] * 96}).decode()
        for meter in range(METERS)
    )


async def test_every_day_has_the_corrected_values_and_the_new_split(
    mongo: Mongo, stores: IntakeStores, points: list[ServicePoint], feed: Feed
) -> None:
    await feed("\n".join(rows(day, "0.100") for day in DAYS))
    moved = [replace(point, calendar="single") for point in points[:METERS]]
    await register_points(points=moved, meters=[], repository=PointRepository(mongo))
    fresh, chance = IntakeStores.of(mongo), random.Random(7)  # noqa: S311 - delays

    async def correct(day: date) -> None:
        await asyncio.sleep(chance.uniform(0, 0.2))
        assert (await feed(rows(day, "0.250"), into=fresh)).corrected == 96 * METERS

    await asyncio.gather(
        *(correct(day) for day in DAYS),
        *(resplit(points=[point], since=DAYS.start, histories=stores.histories, now=NOW) for point in moved * 2),
    )
    for point in moved:
        kept = await stores.histories.days([day_key(point.id, "import-kwh", day) for day in DAYS])
        key = month_key(point.id, "import-kwh", Month(2026, 10))
        month = (await stores.histories.months([key]))[key]
        assert len(kept) == len(DAYS)
        for bucket in kept.values():
            values = bucket.unpacked()
            assert (bucket.calendar, set(values)) == ("single", {250})
            split = totals_by_period(values, code="single", day=bucket.day, minutes=15, zone=point.zone)
            assert bucket.totals == split
            assert month.days[bucket.day.day] == totals_of(bucket)
            older = await stores.histories.revisions(point_id=point.id, channel="import-kwh", day=bucket.day)
            assert [one.revision for one in older] == list(range(1, bucket.revision))
