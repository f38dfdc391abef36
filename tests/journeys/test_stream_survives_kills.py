"""Readings by the stream, whose consumers are killed (SIGKILL) ten times in mid-stream, on real servers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.chaos.feed_stream import kill_consumers
from gridhall.kit.ids import new_id
from gridhall.kit.mongo import Mongo
from gridhall.kit.redis import connect_redis_bytes
from gridhall.kit.settings import Settings

KILLS = 10


@pytest.fixture
async def apart(mongo_uri: str, redis_uri: str, worker: str, tmp_path: Path) -> AsyncIterator[tuple[Settings, Mongo]]:
    """Settings of a stream and a database of their own, with consumers that soon take over from the dead."""
    settings = Settings(
        data_dir=tmp_path,
        mongo_uri=mongo_uri,
        mongo_database=f"kills_{worker}",
        redis_uri=redis_uri,
        feed_stream=f"kills:{new_id()}",
        feed_stream_claim_seconds=1.0,
        feed_stream_batch_bytes=2**15,
        feed_stream_tries=10,
        log_level="WARNING",
    )
    mongo = Mongo.connect(uri=mongo_uri, database=settings.mongo_database, driver=settings.mongo_driver)
    await mongo.drop()
    yield settings, mongo
    await mongo.drop()
    await mongo.close()
    redis = connect_redis_bytes(redis_uri)
    await redis.delete(settings.feed_stream)
    await redis.aclose()


async def test_every_acknowledged_reading_is_kept_once_however_often_a_consumer_is_killed(
    apart: tuple[Settings, Mongo], tmp_path: Path
) -> None:
    settings, mongo = apart
    found = await kill_consumers(
        settings, mongo=mongo, folder=tmp_path, kills=KILLS, longest_life=0.3, meters=500, rows=50, seed=95598
    )
    assert found.acknowledged == found.entries > KILLS
    assert found.found == found.expected > 500
    assert found.months == found.meters
    assert (found.multiplied, found.quarantined, found.length, found.pending, found.exits) == (0, 0, 0, 0, (0, 0))
