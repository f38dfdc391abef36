"""What a reading takes on disk and what it costs to read a month and a year, beside a native time-series collection.

Both hold the same readings of the same meters; the native one has the index that its reads need.
"""

from datetime import datetime, timedelta

from bench import mongod, town
from bench.ground import Ground
from bench.histories import filling, streamed
from bench.histories.reading import OurMonths, TheirMonths, subject
from bench.result import OURS, Result
from bench.rounds import in_turns
from gridhall.kit.localdays import Days, Month, local_day
from gridhall.kit.mongo import Mongo

_OURS_ON_DISK = ("usage_days", "usage_months", "usage_heads", "usage_revisions")


async def run(ground: Ground) -> list[Result]:
    """Fill both, weigh both, read both."""
    zone = ground.settings.time_zone
    this_month = Month.of(local_day(datetime.now().astimezone(), zone))
    months = [this_month.shift(-count) for count in range(12, 0, -1)]
    days = Days(months[0].first, months[-1].days.end)
    homes = town.homes(ground.size(100, 8))
    ours, peer = _database(ground, "bench_histories"), _database(ground, "bench_histories_peer")
    try:
        points = await filling.ours(ground, ours, homes, days)
        await filling.peer(peer, homes, days, zone)
        readings = len(homes) * len(days) * filling.SLOTS
        results = [
            Result("stored reading", name, size=await mongod.bytes_on_disk(mongo, names) / readings, size_unit="B")
            for name, mongo, names in ((OURS, ours, _OURS_ON_DISK), (filling.PEER, peer, (filling.SERIES,)))
        ]
        us, them = OurMonths(ours, points, months), TheirMonths(peer, homes, months, zone)
        for row, asks, units in (
            ("read a month of quarters", {OURS: us.quarters, filling.PEER: them.quarters}, ground.size(200, 50)),
            ("read a year of months", {OURS: us.year, filling.PEER: them.year}, ground.size(100, 30)),
        ):
            if await asks[OURS](0) != await asks[filling.PEER](0):
                raise RuntimeError(f"{row}: the two answers have not as many values")
            subjects = {name: subject(ask, ours, units) for name, ask in asks.items()}
            results += await in_turns(row, subjects, rounds=ground.rounds)
        some = Days(days.start, days.start + timedelta(days=ground.size(20, 3)))
        return results + await streamed.run(
            ground, ours, peer, homes=town.homes(ground.size(150, 50)), days=some, names=_OURS_ON_DISK
        )
    finally:
        for mongo in (ours, peer):
            await mongo.drop()
            await mongo.close()


def _database(ground: Ground, name: str) -> Mongo:
    return Mongo.connect(uri=str(ground.settings.mongo_uri), database=name, driver=ground.settings.mongo_driver)
