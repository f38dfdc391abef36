"""A supplier's small grid in a real MongoDB, and ways to feed it and to look at it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID

import bson
import pytest

from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.intake import IntakeStores, take
from gridhall.metering.feed.model import FeedSource, IntakeReport, Limits
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.services import REPOSITORIES

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
HISTORY = ("usage_days", "usage_revisions", "usage_months", "usage_heads", "register_reads", "register_revisions")

Feed = Callable[..., Awaitable[IntakeReport]]


@pytest.fixture
def points() -> list[ServicePoint]:
    """Ten points in Zhejiang, each with a meter `M0` to `M9` that counts quarters in 1/1000 kWh."""
    return [
        ServicePoint(
            UUID(int=number + 1),
            "zhejiang",
            "zhejiang/hangzhou",
            "Asia/Shanghai",
            "zhejiang-tou",
            (MeterLink(f"M{number}", date(2026, 1, 1)),),
        )
        for number in range(10)
    ]


@pytest.fixture
async def stores(mongo: Mongo, points: list[ServicePoint]) -> IntakeStores:
    """Stores of a database in which the ten points are registered."""
    await mongo.ensure_indexes({one.collection_name: one.indexes for one in REPOSITORIES})
    meters = [Meter(link.meter) for point in points for link in point.links]
    await register_points(points=points, meters=meters, repository=PointRepository(mongo))
    return IntakeStores.of(mongo)


@pytest.fixture
def limits() -> Limits:
    return Limits(max_bytes=None, max_line_bytes=8192, clock_skew_minutes=15, max_kw=100, shown_refusals=5)


@pytest.fixture
def feed(stores: IntakeStores, limits: Limits) -> Feed:
    """Hand a text in, in small chunks; keyword arguments change who does it, when and within which limits."""

    async def hand_in(
        text: str,
        *,
        now: datetime = NOW,
        regions: frozenset[str] | None = None,
        into: IntakeStores = stores,
        **changed: int,
    ) -> IntakeReport:
        content = text.encode()

        async def chunks() -> AsyncIterator[bytes]:
            for first in range(0, len(content), 1000):
                yield content[first : first + 1000]

        return await take(
            chunks=chunks(),
            format="auto",
            source=FeedSource("ami", regions, "batch-1"),
            stores=into,
            limits=replace(limits, **changed),
            now=now,
        )

    return hand_in


@pytest.fixture
def fingerprint(mongo: Mongo) -> Callable[..., Awaitable[dict[str, str]]]:
    """Hash every document of the collections (by default: of all histories), one hash a collection."""

    async def of(collections: Sequence[str] = HISTORY, *, without: frozenset[str] = frozenset()) -> dict[str, str]:
        hashes = {}
        for name in collections:
            digest = sha256()
            async for document in mongo[name].find({}).sort("_id", 1):
                kept = {key: value for key, value in document.items() if key not in without}
                digest.update(bson.encode(kept, codec_options=mongo.database.codec_options))
            hashes[name] = digest.hexdigest()
        return hashes

    return of
