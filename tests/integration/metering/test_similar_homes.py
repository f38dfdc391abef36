"""Similar homes are counted page by page, once each, and shown only of groups that hide everybody."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.load.model import Reason, TooLittle
from gridhall.metering.load.similar import operations
from gridhall.metering.load.similar.model import Standing
from gridhall.metering.load.similar.operations import Similar, count_homes
from gridhall.metering.load.similar.queries import stand_among
from gridhall.metering.load.similar.repository import SimilarRepository
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.points.repository import PointRepository

MONTH = Month(2026, 9)
TODAY = date(2026, 10, 2)
NOW = datetime(2026, 10, 1, 18, tzinfo=UTC)
Homes = Callable[[Sequence[int]], Awaitable[list[ServicePoint]]]


@pytest.fixture
def similar(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> Similar:
    monkeypatch.setattr(operations, "PAGE", 4)
    return Similar(PointRepository(mongo), HistoryRepository(mongo), SimilarRepository(mongo))


@pytest.fixture
def homes(similar: Similar) -> Homes:
    """Homes of 5 kW that used so many kWh on each day of September."""

    async def made(kwh: Sequence[int]) -> list[ServicePoint]:
        points = [
            ServicePoint(UUID(int=number), "zhejiang", "grid", "Asia/Shanghai", "single", capacity_kw=5)
            for number in range(1, len(kwh) + 1)
        ]
        await similar.points.put(points, [])
        pieces = [
            DayPiece(
                key=day_key(point.id, IMPORT_KWH, day),
                minutes=60,
                scale=3,
                zone="Asia/Shanghai",
                calendar="single",
                values=[use * 1000 // 24] * 24,
                quality=bytearray(24),
            )
            for point, use in zip(points, kwh, strict=True)
            for day in MONTH.days
        ]
        await record(pieces=pieces, histories=similar.histories, now=NOW)
        return points

    return made


async def standing(similar: Similar, point: ServicePoint) -> Standing | TooLittle:
    return await stand_among(point=point, month=MONTH, histories=similar.histories, groups=similar.groups)


async def count(similar: Similar, *, today: date = TODAY, pages: int = 100) -> bool:
    return await count_homes(similar=similar, region="zhejiang", month=MONTH, today=today, now=NOW, pages=pages)


async def test_a_home_learns_its_place_and_no_more(similar: Similar, homes: Homes) -> None:
    points = await homes([4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24])
    assert await count(similar)
    found = await standing(similar, points[0])
    assert isinstance(found, Standing)
    assert (found.figures.homes, found.fifth) == (11, 1)
    assert found.own == Decimal("3.984")  # 166 Wh an hour
    assert found.figures.efficient == pytest.approx(Decimal(8), rel=Decimal("0.015"))
    assert found.figures.median == pytest.approx(Decimal(14), rel=Decimal("0.015"))
    last = await standing(similar, points[-1])
    assert isinstance(last, Standing)
    assert last.fifth == 5


async def test_ten_homes_are_too_few_for_nine_of_them_know_the_tenth(similar: Similar, homes: Homes) -> None:
    points = await homes([8] * 10)
    assert await count(similar)
    assert await standing(similar, points[0]) == TooLittle(Reason.FEW_HOMES, needed=11)


async def test_an_empty_home_and_one_of_another_size_are_not_in_the_group(similar: Similar, homes: Homes) -> None:
    points = await homes([0, *[8] * 12])
    await similar.points.put([replace(points[-1], capacity_kw=30)], [])
    assert await count(similar)
    found = await standing(similar, points[1])
    assert isinstance(found, Standing)
    assert found.figures.homes == 11


async def test_a_count_goes_on_where_it_stopped_and_counts_nobody_twice(similar: Similar, homes: Homes) -> None:
    points = await homes([8] * 12)
    assert not await count(similar, pages=2)
    assert await standing(similar, points[0]) == TooLittle(Reason.FEW_HOMES, needed=11)
    assert await count(similar)
    assert await count(similar)
    found = await standing(similar, points[0])
    assert isinstance(found, Standing)
    assert found.figures.homes == 12


async def test_a_page_that_two_workers_count_is_counted_once(similar: Similar, homes: Homes) -> None:
    points = await homes([8] * 10)
    begun = await similar.groups.begin(region="zhejiang", month=MONTH, on=TODAY)
    bins = {"residential-4-6": {105: 10}}
    assert await similar.groups.add(begun, bins=bins, last=points[-1].id)
    assert not await similar.groups.add(begun, bins=bins, last=points[-1].id)


async def test_a_group_that_shrinks_is_forgotten_the_next_day(similar: Similar, homes: Homes) -> None:
    points = await homes([8] * 11)
    await count(similar)
    await similar.points.put([replace(points[0], capacity_kw=30)], [])
    await count(similar, today=date(2026, 10, 3))
    assert await standing(similar, points[1]) == TooLittle(Reason.FEW_HOMES, needed=11)
