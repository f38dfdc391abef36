"""Service points and meters in a real database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from gridhall.kit.mongo import Mongo
from gridhall.metering.calendars import UnknownCalendarError
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.points.directory import Directory
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import OverlappingLinksError, TwoZonesError, register_points
from gridhall.metering.points.repository import PointRepository

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def repository(stores: IntakeStores, mongo: Mongo) -> PointRepository:
    assert stores
    return PointRepository(mongo)


class TestRegistering:
    async def test_the_same_again_changes_nothing(
        self, repository: PointRepository, points: list[ServicePoint], mongo: Mongo
    ) -> None:
        await register_points(points=points, meters=[Meter("M0")], repository=repository)
        assert await mongo["service_points"].count_documents({}) == len(points)
        assert await repository.by_ids([point.id for point in points]) == {point.id: point for point in points}

    async def test_a_meter_that_hangs_elsewhere_on_the_same_day_is_refused(self, repository: PointRepository) -> None:
        thief = ServicePoint(
            UUID(int=77), "zhejiang", "z", "Asia/Shanghai", "single", (MeterLink("M0", date(2026, 5, 1)),)
        )
        with pytest.raises(OverlappingLinksError, match="meter M0"):
            await register_points(points=[thief], meters=[], repository=repository)

    async def test_a_meter_does_not_move_to_another_time_zone(
        self, repository: PointRepository, points: list[ServicePoint]
    ) -> None:
        ended = replace(points[0], links=(MeterLink("M0", date(2026, 1, 1), date(2026, 5, 1)),))
        moved = ServicePoint(
            UUID(int=77), "scotland", "s", "Europe/London", "single", (MeterLink("M0", date(2026, 5, 1)),)
        )
        with pytest.raises(TwoZonesError, match="Asia/Shanghai and Europe/London"):
            await register_points(points=[ended, moved], meters=[], repository=repository)

    async def test_a_calendar_that_does_not_exist_is_refused(
        self, repository: PointRepository, points: list[ServicePoint]
    ) -> None:
        with pytest.raises(UnknownCalendarError):
            await register_points(points=[replace(points[0], calendar="lunar")], meters=[], repository=repository)


class TestTheDirectory:
    async def test_knows_many_meters_with_their_points(
        self, repository: PointRepository, points: list[ServicePoint]
    ) -> None:
        found = await Directory(repository).find({"M0", "M9", "nobody"}, now=NOW)
        assert found.keys() == {"M0", "M9"}
        assert found["M9"].points == (points[9],)

    async def test_finds_a_meter_that_was_registered_a_moment_ago(self, repository: PointRepository) -> None:
        directory = Directory(repository)
        assert await directory.find({"NEW"}, now=NOW) == {}
        point = ServicePoint(
            UUID(int=77), "zhejiang", "z", "Asia/Shanghai", "single", (MeterLink("NEW", date(2026, 5, 1)),)
        )
        await register_points(points=[point], meters=[Meter("NEW")], repository=repository)
        assert (await directory.find({"NEW"}, now=NOW))["NEW"].points == (point,)

    async def test_sees_a_change_within_a_minute(self, repository: PointRepository, points: list[ServicePoint]) -> None:
        directory = Directory(repository)
        await directory.find({"M0"}, now=NOW)
        changed = replace(points[0], links=(MeterLink("M0", date(2026, 1, 1), multiplier=40),))
        await register_points(points=[changed], meters=[], repository=repository)
        assert (await directory.find({"M0"}, now=NOW + timedelta(seconds=59)))["M0"].points == (points[0],)
        assert (await directory.find({"M0"}, now=NOW + timedelta(seconds=61)))["M0"].points == (changed,)
