"""Usage read back from a real database."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from uuid import UUID

import orjson
import pytest

from gridhall.kit.localdays import Days, Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import IntakeReport
from gridhall.metering.histories.curve import UnfitSlotsError
from gridhall.metering.histories.queries import day_series, interval_series, month_series, period_totals
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.registers.queries import all_reads_at, reads_at

Feed = Callable[..., Awaitable[IntakeReport]]


@pytest.fixture
async def fed(feed: Feed, stores: IntakeStores) -> IntakeStores:
    """M0 has 28 September to 4 October without 30 September; the 3rd lacks its first hour and ends estimated."""
    for day in (date(2026, 9, 28) + timedelta(days=offset) for offset in range(7)):
        kwh: list[str | None] = ["0.100"] * 96
        quality = [0] * 96
        if day == date(2026, 9, 30):
            continue
        if day == date(2026, 10, 3):
            kwh[:4] = [None] * 4
            quality[-4:] = [8] * 4
        row = {"meter": "M0", "day": day.isoformat(), "kwh": kwh, "quality": quality}
        await feed(orjson.dumps(row).decode())
    return stores


class TestIntervals:
    async def test_come_as_columns_with_gaps_shown(self, fed: IntakeStores, points: list[ServicePoint]) -> None:
        days = Days(date(2026, 10, 3), date(2026, 10, 5))
        series = await interval_series(point=points[0], days=days, histories=fed.histories)
        assert (series.minutes, series.scale, series.expected, series.present) == (15, 3, 192, 188)
        assert series.values[3:6] == (None, 100, 100)
        assert series.quality[90:98] == (0, 0, 8, 8, 8, 8, 0, 0)
        assert str(series.total) == "18.800"

    async def test_are_joined_to_hours_when_asked(self, fed: IntakeStores, points: list[ServicePoint]) -> None:
        days = Days(date(2026, 10, 3), date(2026, 10, 4))
        series = await interval_series(point=points[0], days=days, histories=fed.histories, minutes=60)
        assert series.values[:3] == (None, 400, 400)
        assert (series.quality[-1], series.expected, series.present) == (8, 24, 23)

    async def test_cannot_be_cut_finer_than_measured(self, fed: IntakeStores, points: list[ServicePoint]) -> None:
        days = Days(date(2026, 10, 3), date(2026, 10, 4))
        with pytest.raises(UnfitSlotsError):
            await interval_series(point=points[0], days=days, histories=fed.histories, minutes=10)


class TestDays:
    async def test_show_energy_by_period_and_what_is_missing(
        self, fed: IntakeStores, points: list[ServicePoint]
    ) -> None:
        days = Days(date(2026, 9, 29), date(2026, 10, 4))
        series = await day_series(point=points[0], days=days, histories=fed.histories)
        assert series.labels == ("2026-09-29", "2026-09-30", "2026-10-01", "2026-10-02", "2026-10-03")
        assert series.totals == (9600, None, 9600, 9600, 9200)
        assert series.by_period["peak"] == (5600, None, 5600, 5600, 5600)
        assert series.by_period["valley"] == (4000, None, 4000, 4000, 3600)
        assert series.present == (96, 0, 96, 96, 92)
        assert series.expected == (96,) * 5
        assert series.quality == (0, None, 0, 0, 8)
        assert series.as_of is not None

    async def test_of_a_point_without_usage_are_expected_and_missing(
        self, fed: IntakeStores, points: list[ServicePoint]
    ) -> None:
        days = Days(date(2026, 10, 1), date(2026, 10, 3))
        series = await day_series(point=points[5], days=days, histories=fed.histories)
        assert (series.totals, series.expected, series.as_of) == ((None, None), (96, 96), None)


class TestMonths:
    async def test_add_their_days_up(self, fed: IntakeStores, points: list[ServicePoint]) -> None:
        months = [Month(2026, 8), Month(2026, 9), Month(2026, 10)]
        series = await month_series(point=points[0], months=months, histories=fed.histories)
        assert series.labels == ("2026-08", "2026-09", "2026-10")
        assert series.totals == (None, 19_200, 38_000)
        assert series.expected == (31 * 96, 30 * 96, 31 * 96)
        assert series.present == (0, 192, 380)

    async def test_do_not_expect_days_to_come(self, fed: IntakeStores, points: list[ServicePoint]) -> None:
        series = await month_series(
            point=points[0], months=[Month(2026, 10)], histories=fed.histories, until=date(2026, 10, 5)
        )
        assert (series.present, series.expected) == ((380,), (384,))


class TestTotalsOfManyPoints:
    async def test_cover_the_days_over_a_change_of_month(self, fed: IntakeStores, points: list[ServicePoint]) -> None:
        days = Days(date(2026, 9, 29), date(2026, 10, 3))
        totals = await period_totals(point_ids=[point.id for point in points], days=days, histories=fed.histories)
        assert list(totals) == [points[0].id]
        found = totals[points[0].id]
        assert (found.total, found.by_period, found.scale) == (28_800, {"peak": 16_800, "valley": 12_000}, 3)
        assert (found.days, found.present, found.expected, found.quality) == (3, 288, 384, 0)


class TestRegisters:
    async def test_of_many_points_and_days_are_read_at_once(self, feed: Feed, stores: IntakeStores) -> None:
        rows = [
            {
                "meter": f"M{meter}",
                "at": f"2026-{month:02d}-01T00:00:00+08:00",
                "registers": {"total": f"{month}{meter}.5"},
            }
            for meter in range(10)
            for month in (9, 10)
        ]
        report = await feed("\n".join(orjson.dumps(row).decode() for row in rows))
        assert (report.accepted, report.quarantined) == (20, 0)
        days = {date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)}
        reads = await reads_at(
            point_ids=[UUID(int=number) for number in range(1, 11)], days=days, registers=stores.registers
        )
        assert len(reads) == 20
        read = reads[UUID(int=4), date(2026, 10, 1)]
        assert (read.meter, read.values, read.scale, read.multiplier) == ("M3", {"total": 103_500}, 3, 1)

    async def test_corrected_keep_the_older_revision(self, feed: Feed, stores: IntakeStores) -> None:
        row = '{"meter":"M0","at":"2026-10-01T00:00:00+08:00","registers":{"total":"%s"}}\n'
        reports = [await feed(row % value) for value in ("1.5", "1.5", "1.6")]
        assert [(one.accepted, one.duplicate, one.corrected) for one in reports] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
        (older,) = await stores.registers.revisions(point_id=UUID(int=1), channel="import-kwh", day=date(2026, 10, 1))
        assert older.reads[0].values == {"total": 1500}

    async def test_on_the_day_of_an_exchange_are_the_new_meters_and_the_old_ones_closing_is_there_too(
        self, feed: Feed, stores: IntakeStores, mongo: Mongo
    ) -> None:
        exchanged = ServicePoint(
            UUID(int=50),
            "zhejiang",
            "z",
            "Asia/Shanghai",
            "single",
            (
                MeterLink("OLD", date(2026, 1, 1), date(2026, 10, 1)),
                MeterLink("NEW", date(2026, 10, 1), multiplier=40),
            ),
        )
        await register_points(
            points=[exchanged], meters=[Meter("OLD"), Meter("NEW")], repository=PointRepository(mongo)
        )
        row = '{"meter":"%s","at":"2026-10-01T00:00:00+08:00","registers":{"total":"%s"}}\n'
        assert (await feed(row % ("OLD", "812.5") + row % ("NEW", "0"))).accepted == 2
        asked = {"point_ids": [exchanged.id], "days": [date(2026, 10, 1)], "registers": stores.registers}
        opening = (await reads_at(**asked))[exchanged.id, date(2026, 10, 1)]
        both = (await all_reads_at(**asked))[exchanged.id, date(2026, 10, 1)]
        assert (opening.meter, opening.multiplier) == ("NEW", 40)
        assert {(read.meter, read.closing) for read in both} == {("OLD", True), ("NEW", False)}
