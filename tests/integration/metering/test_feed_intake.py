"""Deliveries taken into a real database."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import orjson
import pytest

from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.lines import FeedTooLargeError
from gridhall.metering.feed.model import IntakeReport
from gridhall.metering.histories.keys import day_key, month_key
from gridhall.metering.histories.model import DayBucket, HeadChange, MonthChange
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository

Feed = Callable[..., Awaitable[IntakeReport]]
Fingerprint = Callable[..., Awaitable[dict[str, str]]]

DAY = date(2026, 10, 3)
POINT = UUID(int=1)
MONTH_KEY = month_key(POINT, "import-kwh", Month(2026, 10))


def meter_day(meter: str = "M0", day: date = DAY, **more: object) -> str:
    kwh = [f"0.{slot:03d}" for slot in range(96)]
    return orjson.dumps({"meter": meter, "day": day.isoformat(), "minutes": 15, "kwh": kwh, **more}).decode() + "\n"


def reading(slot: int, kwh: str, meter: str = "M0", **more: object) -> str:
    start = datetime(2026, 10, 2, 16, tzinfo=UTC) + timedelta(minutes=15 * slot)
    return orjson.dumps({"meter": meter, "start": start.isoformat(), "kwh": kwh, **more}).decode() + "\n"


def counts(report: IntakeReport) -> tuple[int, int, int, int]:
    return report.accepted, report.duplicate, report.corrected, report.quarantined


class TestAReplay:
    async def test_changes_no_document(self, feed: Feed, fingerprint: Fingerprint) -> None:
        rows = "".join(meter_day(f"M{meter}", DAY + timedelta(days=day)) for meter in range(10) for day in range(5))
        rows += '{"meter":"M0","at":"2026-10-01T00:00:00+08:00","registers":{"total":"1234.56"}}\n'
        assert counts(await feed(rows)) == (4801, 0, 0, 0)
        before = await fingerprint()
        later = datetime(2026, 11, 2, tzinfo=UTC)
        assert counts(await feed(rows, now=later)) == (0, 4801, 0, 0)
        assert await fingerprint() == before

    async def test_in_another_order_and_in_other_batches_gives_the_same_history(
        self, feed: Feed, fingerprint: Fingerprint, mongo: Mongo
    ) -> None:
        rows = [reading(slot, f"0.{slot:03d}", f"M{meter}") for meter in range(3) for slot in range(0, 192, 2)]
        await feed("".join(rows))
        days = ("usage_days",)
        at_once = await fingerprint(days, without=frozenset({"r"}))
        await mongo.database.drop_collection("usage_days")
        random.Random(7).shuffle(rows)  # noqa: S311 - a fixed order, no secret
        shuffled = "".join(rows + rows[:50])
        assert counts(await feed(shuffled, batch_bytes=4000)) == (288, 50, 0, 0)
        assert await fingerprint(days, without=frozenset({"r"})) == at_once


class TestACorrection:
    async def test_is_kept_beside_the_older_revision(self, feed: Feed, stores: IntakeStores) -> None:
        await feed(meter_day())
        later = datetime(2026, 11, 2, tzinfo=UTC)
        assert counts(await feed(reading(5, "0.777"), now=later)) == (0, 0, 1, 0)
        key = day_key(POINT, "import-kwh", DAY)
        (now_kept,) = (await stores.histories.days([key])).values()
        (older,) = await stores.histories.revisions(point_id=POINT, channel="import-kwh", day=DAY)
        assert (now_kept.revision, now_kept.unpacked()[5], now_kept.as_of) == (2, 777, later)
        assert (older.revision, older.unpacked()[5]) == (1, 5)

    async def test_reaches_the_month_and_the_head(self, feed: Feed, stores: IntakeStores) -> None:
        await feed(meter_day())
        before = (await stores.histories.heads([POINT]))[POINT]
        await feed(reading(40, "1.040"), now=datetime(2026, 11, 2, tzinfo=UTC))
        (month,) = (await stores.histories.months([MONTH_KEY])).values()
        after = (await stores.histories.heads([POINT]))[POINT]
        assert sum(month.days[3].totals.values()) == sum(range(96)) + 1000
        assert (after.revision, after.last_day) == (before.revision + 1, DAY)

    async def test_within_one_batch_keeps_the_older_value_too(self, feed: Feed, stores: IntakeStores) -> None:
        assert counts(await feed(reading(5, "0.1") + reading(5, "0.2"))) == (1, 0, 1, 0)
        (older,) = await stores.histories.revisions(point_id=POINT, channel="import-kwh", day=DAY)
        assert older.unpacked()[5] == 100

    async def test_of_an_estimate_by_the_measured_value_stays(self, feed: Feed, stores: IntakeStores) -> None:
        assert counts(await feed(meter_day(quality=8))) == (96, 0, 0, 0)
        assert counts(await feed(reading(5, "0.2"))) == (0, 0, 1, 0)
        assert counts(await feed(meter_day(quality=8))) == (0, 96, 0, 0)
        (kept,) = (await stores.histories.days([day_key(POINT, "import-kwh", DAY)])).values()
        assert kept.unpacked()[5] == 200


class TestRefusedRows:
    async def test_are_kept_as_they_came_and_do_not_multiply(self, feed: Feed, stores: IntakeStores) -> None:
        rows = meter_day() + reading(3, "-3", "M1") + "no json\n"
        report = await feed(rows)
        assert counts(report) == (96, 0, 0, 2)
        assert [refusal.sentence for refusal in report.refusals] == [
            "meter M1, 2026-10-02, line 2: energy -3 kWh is below zero; kept in quarantine as negative-energy",
            "line 3: the row is no JSON object; kept in quarantine as not-json",
        ]
        assert counts(await feed(rows)) == (0, 96, 0, 2)
        kept = await stores.quarantine.page(limit=10)
        assert {(row.raw, row.code, row.seen, row.batch) for row in kept} == {
            (reading(3, "-3", "M1").rstrip().encode(), "negative-energy", 2, "batch-1"),
            (b"no json", "not-json", 2, "batch-1"),
        }

    async def test_are_shown_up_to_a_limit_and_all_counted(self, feed: Feed) -> None:
        report = await feed("{\n" * 100, batch_bytes=50)
        assert (report.quarantined, len(report.refusals)) == (100, 5)
        assert [refusal.line for refusal in report.refusals] == [1, 2, 3, 4, 5]

    async def test_of_a_foreign_region_write_nothing(self, feed: Feed, mongo: Mongo) -> None:
        assert counts(await feed(meter_day(), regions=frozenset({"shaanxi"}))) == (0, 0, 0, 96)
        assert await mongo["usage_days"].count_documents({}) == 0

    async def test_are_taken_once_the_meter_is_registered(self, feed: Feed, mongo: Mongo) -> None:
        assert counts(await feed(meter_day("NEW"))) == (0, 0, 0, 96)
        point = ServicePoint(
            UUID(int=99), "zhejiang", "z", "Asia/Shanghai", "single", (MeterLink("NEW", date(2026, 1, 1)),)
        )
        await register_points(points=[point], meters=[Meter("NEW")], repository=PointRepository(mongo))
        assert counts(await feed(meter_day("NEW"))) == (96, 0, 0, 0)


async def test_a_delivery_beyond_the_limit_stops_and_keeps_what_came_before(feed: Feed, mongo: Mongo) -> None:
    rows = "".join(meter_day(f"M{meter}") for meter in range(10))
    with pytest.raises(FeedTooLargeError):
        await feed(rows, max_bytes=len(rows) - 1, batch_bytes=2000)
    assert 0 < await mongo["usage_days"].count_documents({}) < 10
    assert counts(await feed(rows))[3] == 0


class CrashError(Exception):
    """The process dies here."""


class _DiesBeforeMonths(HistoryRepository):
    async def put_months(self, changes: Sequence[MonthChange]) -> set[bytes]:
        raise CrashError(changes)


class _DiesBeforeHeads(HistoryRepository):
    async def raise_heads(self, changes: Sequence[HeadChange]) -> None:
        raise CrashError(changes)


class TestACrash:
    @pytest.mark.parametrize("dying", [_DiesBeforeMonths, _DiesBeforeHeads])
    async def test_between_days_and_what_is_summed_up_from_them_heals_on_replay(
        self, feed: Feed, fingerprint: Fingerprint, stores: IntakeStores, mongo: Mongo, dying: type[HistoryRepository]
    ) -> None:
        rows = meter_day() + reading(1, "0.5", "M1") + meter_day("M1", date(2026, 9, 30))
        await feed(rows)
        whole = await fingerprint()
        for name in whole:
            await mongo[name].delete_many({})
        with pytest.raises(CrashError):
            await feed(rows, into=replace(stores, histories=dying(mongo)))
        assert await fingerprint() != whole
        assert counts(await feed(rows)) == (0, 193, 0, 0)
        assert await fingerprint() == whole

    async def test_of_a_correction_after_its_older_revision_was_kept_loses_neither(
        self, feed: Feed, stores: IntakeStores, mongo: Mongo
    ) -> None:
        class DiesBeforeDays(HistoryRepository):
            async def put_days(self, buckets: Sequence[DayBucket]) -> set[bytes]:
                raise CrashError(buckets)

        await feed(meter_day())
        with pytest.raises(CrashError):
            await feed(reading(5, "0.9"), into=replace(stores, histories=DiesBeforeDays(mongo)))
        assert counts(await feed(reading(5, "0.9"))) == (0, 0, 1, 0)
        revisions = await stores.histories.revisions(point_id=POINT, channel="import-kwh", day=DAY)
        assert [(older.revision, older.unpacked()[5]) for older in revisions] == [(1, 5)]


class TestManyWritersOfOneDay:
    async def test_lose_nothing(self, feed: Feed, stores: IntakeStores) -> None:
        slots = list(range(96))
        random.Random(3).shuffle(slots)  # noqa: S311 - a fixed order, no secret
        parts = ["".join(reading(slot, f"0.{slot:03d}") for slot in slots[first::8]) for first in range(8)]
        reports = await asyncio.gather(*(feed(part) for part in parts))
        assert sum(report.accepted for report in reports) == 96
        (kept,) = (await stores.histories.days([day_key(POINT, "import-kwh", DAY)])).values()
        assert (kept.revision, kept.unpacked()) == (8, list(range(96)))
        (month,) = (await stores.histories.months([MONTH_KEY])).values()
        assert (month.days[3].revision, month.days[3].present) == (8, 96)

    async def test_who_correct_it_keep_every_revision(self, feed: Feed, stores: IntakeStores) -> None:
        await feed(meter_day())
        reports = await asyncio.gather(*(feed(reading(slot, f"1.{slot:03d}")) for slot in range(6)))
        assert sum(report.corrected for report in reports) == 6
        revisions = await stores.histories.revisions(point_id=POINT, channel="import-kwh", day=DAY)
        assert [older.revision for older in revisions] == [1, 2, 3, 4, 5, 6]
