"""Any order, any split into batches and any repetition of the same readings leaves the same documents behind."""

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.model import IntakeReport
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository

Feed = Callable[..., Awaitable[IntakeReport]]
Fingerprint = Callable[..., Awaitable[dict[str, str]]]

HISTORY = ("usage_days", "usage_revisions", "usage_months", "usage_heads")
BEGIN = datetime(2026, 9, 29, 16, tzinfo=UTC)
"""The last local day of September; the readings go on to the second of October."""

MULTIPLIED = "B1"


class Event(NamedTuple):
    """A reading of a value that nothing else says in its version."""

    meter: str
    channel: str
    slot: int
    quality: int
    version: int | None
    wh: int

    @property
    def row(self) -> str:
        start = BEGIN + timedelta(hours=self.slot)
        fields = {"meter": self.meter, "channel": self.channel, "start": start.isoformat(), "kwh": f"0.{self.wh:03d}"}
        if self.version is not None:
            fields["version"] = str(self.version)
        return orjson.dumps({**fields, "quality": self.quality}).decode() + "\n"


def events_of(seed: int) -> list[Event]:
    """A few hundred readings: most said once, some estimated before, some corrected several times."""
    rng = random.Random(seed)  # noqa: S311 - drawn by hypothesis, no secret
    events = []
    for meter, channel in (("M0", "import-kwh"), (MULTIPLIED, "import-kwh"), (MULTIPLIED, "export-kwh")):
        for slot in rng.sample(range(72), 40):
            said: list[tuple[int, int | None]] = [(rng.choice([0, 17]), rng.choice([None, None, 1]))]
            if rng.random() < 0.3:
                said.append((rng.choice([8, 9]), rng.choice([None, 1, 1_790_000_000])))
            if rng.random() < 0.3:
                said += [(rng.choice([0, 7]), version) for version in rng.sample([2, 3, 1_790_000_000], 2)]
            events += [Event(meter, channel, slot, *one, rng.randrange(1000)) for one in said]
    return events


def register_row(rng: random.Random, meter: str, day: int, version: int) -> str:
    """A read of some of the registers, measured or estimated."""
    names = rng.sample(["total", "peak", "valley"], rng.randint(1, 3))
    fields = {
        "meter": meter,
        "at": f"2026-10-0{day}",
        "registers": {name: str(rng.randrange(90)) for name in sorted(names)},
        "quality": rng.choice([0, 17, 8]),
    }
    return orjson.dumps({**fields, "version": version} if version else fields).decode() + "\n"


@pytest.fixture
async def feed_grid(feed: Feed, mongo: Mongo) -> Feed:
    """Feed the ten points and one more, whose meter counts both ways and a fortieth of the energy."""
    link = MeterLink(MULTIPLIED, date(2026, 1, 1), multiplier=40)
    point = ServicePoint(UUID(int=99), "zhejiang", "zhejiang", "Asia/Shanghai", "zhejiang-tou", (link,))
    meter = Meter(MULTIPLIED, interval_minutes=15, channels=frozenset({"import-kwh", "export-kwh"}))
    await register_points(points=[point], meters=[meter], repository=PointRepository(mongo))
    return feed


async def content(mongo: Mongo) -> dict[str, object]:
    """Days and months without what counts or dates their writes."""
    days = [
        {name: value for name, value in day.items() if name not in {"r", "asOf"}}
        async for day in mongo["usage_days"].find().sort("_id", 1)
    ]
    months = [
        (month["_id"], month["minutes"], month["zone"], {day: entry[1:] for day, entry in month["days"].items()})
        async for month in mongo["usage_months"].find().sort("_id", 1)
    ]
    last_days = [(head["_id"], head["lastDay"]) async for head in mongo["usage_heads"].find().sort("_id", 1)]
    return {"days": days, "months": [(*head, sorted(days.items())) for *head, days in months], "heads": last_days}


class TestCorrectionsEstimatesAndRepetitions:
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(seed=st.integers(0, 2**32), cut=st.integers(600, 9000))
    async def test_in_any_order_leave_the_same_history_and_a_replay_changes_no_document(
        self, feed_grid: Feed, mongo: Mongo, fingerprint: Fingerprint, seed: int, cut: int
    ) -> None:
        events = events_of(seed)
        for collection in HISTORY:
            await mongo[collection].delete_many({})
        await feed_grid("".join(event.row for event in events))
        at_once = await content(mongo)

        for collection in HISTORY:
            await mongo[collection].delete_many({})
        rng = random.Random(seed + 1)  # noqa: S311 - drawn by hypothesis, no secret
        otherwise = events + rng.sample(events, 60)
        rng.shuffle(otherwise)
        middle = rng.randrange(len(otherwise))
        for part in (otherwise[:middle], otherwise[middle:]):
            await feed_grid("".join(event.row for event in part), batch_bytes=cut)
        assert await content(mongo) == at_once

        before = await fingerprint(HISTORY)
        replayed = await feed_grid("".join(event.row for event in otherwise), now=datetime(2026, 11, 2, tzinfo=UTC))
        assert replayed.counts() == {"accepted": 0, "duplicate": len(otherwise), "corrected": 0, "quarantined": 0}
        assert await fingerprint(HISTORY) == before


class TestRegisters:
    @settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(seed=st.integers(0, 2**32))
    async def test_in_any_order_leave_the_same_reads(
        self, feed_grid: Feed, mongo: Mongo, fingerprint: Fingerprint, seed: int
    ) -> None:
        rng = random.Random(seed)  # noqa: S311 - drawn by hypothesis, no secret
        rows = [
            register_row(rng, meter, day, version) for meter in ["M0", "B1"] for day in (1, 2) for version in range(6)
        ]
        orders = [rows, rows + rng.sample(rows, 8)]
        rng.shuffle(orders[1])
        kept = []
        for order in orders:
            for collection in ("register_reads", "register_revisions"):
                await mongo[collection].delete_many({})
            middle = rng.randrange(len(order))
            for part in (order[:middle], order[middle:]):
                await feed_grid("".join(part))
            kept.append([(day["_id"], day["reads"]) async for day in mongo["register_reads"].find().sort("_id", 1)])
        assert kept[0] == kept[1]
        before = await fingerprint(("register_reads", "register_revisions"))
        replayed = await feed_grid("".join(orders[1]))
        assert replayed.counts() == {"accepted": 0, "duplicate": len(rows) + 8, "corrected": 0, "quarantined": 0}
        assert await fingerprint(("register_reads", "register_revisions")) == before


class TestAFeedWithoutVersions:
    async def test_keeps_none_with_its_days(self, feed: Feed, mongo: Mongo) -> None:
        await feed(Event("M0", "import-kwh", 1, 0, None, 5).row)
        day = await mongo["usage_days"].find_one({})
        assert day is not None
        assert "versions" not in day
