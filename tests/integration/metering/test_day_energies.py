"""A household that is known by its days: State Grid's payload into MongoDB, and what its histories answer."""

import json
from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

import pytest

from gridhall.kit.localdays import Days, Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import IntakeReport
from gridhall.metering.histories.queries import day_series, interval_series, month_series, period_totals
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository

Feed = Callable[..., Awaitable[IntakeReport]]
Fingerprint = Callable[..., Awaitable[dict[str, str]]]

HOME = "3301234567890"
POINT = ServicePoint(
    UUID(int=500),
    "zhejiang",
    "zhejiang/hangzhou",
    "Asia/Shanghai",
    "zhejiang-tou",
    (MeterLink(HOME, date(2026, 1, 1)),),
)
OCTOBER = Days(date(2026, 10, 1), date(2026, 10, 5))


def payload(*days: tuple[str, str, str, str]) -> str:
    named = [dict(zip(("day", "dayElePq", "thisPPq", "thisVPq"), day, strict=True)) for day in days]
    return json.dumps({"consNo": HOME, "sevenEleList": named}) + "\n"


@pytest.fixture(autouse=True)
async def home(stores: IntakeStores, mongo: Mongo) -> None:
    meters = [Meter(HOME, scale=2, interval_minutes=1440)]
    await register_points(points=[POINT], meters=meters, repository=PointRepository(mongo))
    assert stores


FIRST = payload(
    ("20261001", "9.61", "5.10", "4.51"),
    ("20261002", "8", "-", "--"),
    ("20261003", "—", "-", ""),
    ("20261004", "1.5", "0.5", "1"),
)


async def test_days_months_and_periods_answer_and_the_curve_says_that_there_is_none(
    feed: Feed, stores: IntakeStores
) -> None:
    report = await feed(FIRST)
    assert report.counts() == {"accepted": 3, "duplicate": 0, "corrected": 0, "quarantined": 0}
    series = await day_series(point=POINT, days=OCTOBER, histories=stores.histories)
    assert series.totals == (961, 800, None, 150)
    assert (series.by_period["peak"], series.by_period["total"]) == ((510, 0, None, 50), (0, 800, None, 0))
    assert (series.present, series.expected) == ((1, 1, 0, 1), (1, 1, 1, 1))
    (month,) = (await month_series(point=POINT, months=[Month(2026, 10)], histories=stores.histories)).totals
    assert month == 1911
    totals = await period_totals(point_ids=[POINT.id], days=OCTOBER, histories=stores.histories)
    assert (totals[POINT.id].total, totals[POINT.id].by_period["valley"]) == (1911, 551)
    curve = await interval_series(point=POINT, days=OCTOBER, histories=stores.histories)
    assert (curve.present, set(curve.values)) == (0, {None})
    assert curve.without_curve == (date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 4))


async def test_a_replay_changes_nothing_and_a_correction_keeps_the_older_revision(
    feed: Feed, stores: IntakeStores, fingerprint: Fingerprint
) -> None:
    await feed(FIRST)
    before = await fingerprint()
    report = await feed(FIRST)
    assert report.counts() == {"accepted": 0, "duplicate": 3, "corrected": 0, "quarantined": 0}
    assert await fingerprint() == before
    await feed(payload(("20261002", "8", "3", "5"), ("20261004", "1.6", "0.5", "1.1")))
    series = await day_series(point=POINT, days=OCTOBER, histories=stores.histories)
    assert series.totals == (961, 800, None, 160)
    assert series.by_period["peak"] == (510, 300, None, 50)
    (older,) = await stores.histories.revisions(point_id=POINT.id, channel="import-kwh", day=date(2026, 10, 4))
    assert older.totals == {"peak": 50, "valley": 100}


async def test_a_day_whose_periods_do_not_add_up_waits_in_quarantine(feed: Feed, stores: IntakeStores) -> None:
    report = await feed(payload(("20261001", "9.61", "5.10", "7.00"), ("20261002", "8", "3", "5")))
    assert report.counts() == {"accepted": 1, "duplicate": 0, "corrected": 0, "quarantined": 1}
    (row,) = await stores.quarantine.open(limit=5)
    assert (row.code, row.meter, row.day) == ("periods-differ", HOME, "20261001")
    assert "add up to 12.10 kWh, but its total is 9.61 kWh" in row.sentence
