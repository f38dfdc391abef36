"""What a reading takes on disk that came as a stream: its day was written anew every quarter of an hour.

A time-series collection keeps a bucket a meter and lets readings come one by one as well. Both sides end with whole
days; what rewriting leaves behind in the files is weighed with them.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import orjson

from bench import mongod, town
from bench.ground import Ground
from bench.histories import filling
from bench.result import OURS, Result
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Days
from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.intake import IntakeStores, take
from gridhall.metering.feed.model import FeedSource, Limits

_ROW = "stored reading, streamed"


async def run(
    ground: Ground, ours: Mongo, peer: Mongo, *, homes: Sequence[town.Home], days: Days, names: Sequence[str]
) -> list[Result]:
    """Store the days quarter by quarter, all homes at a time; `names` are the collections that hold ours."""
    await filling.prepare_ours(ground, ours, homes, days)
    await filling.prepare_peer(peer)
    stores, limits = IntakeStores.of(ours), Limits.of(ground.settings).for_file()
    for day in days:
        quarters = {home: filling.quarters(home, day) for home in homes}
        for slot, at in enumerate(filling.starts(day, ground.settings.time_zone)):
            said = [(home.meter, quarters[home][slot]) for home in homes]

            async def lines(said: list[tuple[str, int]] = said, start: str = at.isoformat()) -> AsyncIterator[bytes]:
                for meter, wh in said:
                    yield orjson.dumps({"meter": meter, "start": start, "kwh": f"{wh / 1000:.3f}"}) + b"\n"

            await take(
                chunks=lines(),
                format="ndjson",
                source=FeedSource("bench", None, str(new_id())),
                stores=stores,
                limits=limits,
                now=at + timedelta(minutes=20),
            )
            documents = [{"at": at, "meter": meter, "kwh": wh / 1000, "quality": 0} for meter, wh in said]
            await peer.database[filling.SERIES].insert_many(documents, ordered=False)
    readings = len(homes) * len(days) * filling.SLOTS
    return [
        Result(_ROW, subject, size=await mongod.bytes_on_disk(mongo, of) / readings, size_unit="B")
        for subject, mongo, of in ((OURS, ours, names), (filling.PEER, peer, (filling.SERIES,)))
    ]
