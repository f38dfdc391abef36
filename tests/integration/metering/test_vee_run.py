"""Validation over a real database: what lags is judged, gaps are estimated, and what comes later replaces estimates."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from gridhall.kit.localdays import Days, day_start
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import Settings
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import IntakeReport
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.queries import interval_series
from gridhall.metering.histories.summaries import usage_summary
from gridhall.metering.points.model import Meter, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.vee.exceptions.model import ExceptionState
from gridhall.metering.vee.exceptions.repository import Wanted
from gridhall.metering.vee.model import Stamp, Verdict
from gridhall.metering.vee.queries import checks_of
from gridhall.metering.vee.running import Vee, VeeReport, run_chunk
from gridhall.metering.vee.services import open_vee

Feed = Callable[..., Awaitable[IntakeReport]]
Run = Callable[..., Awaitable[VeeReport]]
NOW = datetime(2026, 10, 20, 2, tzinfo=UTC)
TODAY = date(2026, 10, 20)
DAY = date(2026, 10, 15)
CURVE = [100 + 3 * (slot % 17) + slot // 8 for slot in range(96)]


@pytest.fixture
async def vee(stores: IntakeStores, mongo: Mongo) -> Vee:
    assert stores
    return open_vee(mongo=mongo, settings=Settings())


@pytest.fixture
def run(vee: Vee, points: list[ServicePoint]) -> Run:
    async def over(first: date = DAY, end: date = TODAY, *, again: bool = False, now: datetime = NOW) -> VeeReport:
        return await run_chunk(vee=vee, points=points[:1], days=Days(first, end), today=TODAY, now=now, again=again)

    return over


def row(day: date, values: list[int | None], *, meter: str = "M0") -> str:
    kwh = ",".join("null" if value is None else f'"{value / 1000:.3f}"' for value in values)
    return f'{{"meter": "{meter}", "day": "{day}", "minutes": 15, "kwh": [{kwh}]}}\n'


def register(day: date, kwh: str) -> str:
    return (
        f'{{"meter": "M0", "at": "{day_start(day, "Asia/Shanghai").isoformat()}", "registers": {{"total": "{kwh}"}}}}\n'
    )


def curve(day: date) -> list[int]:
    """Like every day, and yet a curve of its own."""
    return [value + day.toordinal() % 23 for value in CURVE]


def days_before(day: date, count: int) -> str:
    return "".join(row(one, curve(one)) for one in Days(day - timedelta(days=count), day))


async def test_a_day_is_judged_once_and_again_when_it_changes(
    run: Run, feed: Feed, vee: Vee, points: list[ServicePoint]
) -> None:
    await feed(days_before(TODAY, 5), now=NOW)
    assert (await run()).judged == 5
    assert (await run()).judged == 0
    await feed(row(DAY, [curve(DAY)[0] + 1, *curve(DAY)[1:]]), now=NOW)
    assert (await run()).judged == 1
    judged = await checks_of(point_id=points[0].id, days=Days(DAY, TODAY), checks=vee.bench.checks)
    assert judged[DAY].stamp == Stamp(day=2)
    assert [one.code for one in judged[DAY].outcomes if one.verdict is Verdict.PASSED][:3] == [
        "missing",
        "interval_size",
        "spike",
    ]


async def test_a_register_that_arrives_later_is_compared_with_the_day(
    run: Run, feed: Feed, vee: Vee, points: list[ServicePoint]
) -> None:
    await feed(days_before(TODAY, 5), now=NOW)
    await run()
    total = sum(curve(DAY))
    await feed(register(DAY, "100.000") + register(DAY + timedelta(days=1), f"{100 + total / 1000 + 2:.3f}"), now=NOW)
    report = await run()
    assert report.failed == {"sum": 1}
    judged = await checks_of(point_id=points[0].id, days=Days(DAY, TODAY), checks=vee.bench.checks)
    (failed,) = judged[DAY].failed
    assert dict(failed.evidence) == {"intervals_kwh": f"{total / 1000:.3f}", "registers_kwh": f"{total / 1000 + 2:.3f}"}
    (case,) = await vee.exceptions.page(Wanted("zhejiang"), after=None, limit=5)
    assert (case.codes, case.state, case.due_on) == (("sum",), ExceptionState.OPEN, date(2026, 10, 27))


async def test_gaps_are_filled_to_what_the_registers_counted_and_the_day_is_whole(
    run: Run, feed: Feed, vee: Vee, points: list[ServicePoint]
) -> None:
    whole = curve(DAY)
    gappy: list[int | None] = [
        None if slot in range(10, 14) or slot in range(40, 70) else v for slot, v in enumerate(whole)
    ]
    registers = register(DAY, "7.000") + register(DAY + timedelta(days=1), f"{7 + sum(whole) / 1000:.3f}")
    await feed(days_before(DAY, 9) + row(DAY, gappy) + registers, now=NOW)
    report = await run(DAY, DAY + timedelta(days=1))
    assert (report.estimated, report.not_estimated) == (34, 0)
    series = await interval_series(
        point=points[0], days=Days(DAY, DAY + timedelta(days=1)), histories=vee.bench.histories
    )
    assert series.present == 96
    assert series.total * 1000 == sum(whole)
    assert {series.quality[slot] for slot in range(10, 14)} == {9}
    assert {series.quality[slot] for slot in range(40, 70)} == {8}
    assert (await run(DAY, DAY + timedelta(days=1))).judged == 0


async def test_a_real_reading_replaces_estimates_whenever_it_comes(
    run: Run, feed: Feed, vee: Vee, points: list[ServicePoint]
) -> None:
    whole = curve(DAY)
    gappy: list[int | None] = [None if slot in range(40, 70) else value for slot, value in enumerate(whole)]
    await feed(days_before(DAY, 9) + row(DAY, gappy), now=NOW)
    await run()
    await feed(row(DAY, whole), now=NOW)
    await run()
    series = await interval_series(
        point=points[0], days=Days(DAY, DAY + timedelta(days=1)), histories=vee.bench.histories
    )
    assert list(series.values) == whole
    assert set(series.quality) == {0}
    older = await vee.bench.histories.revisions(point_id=points[0].id, channel="import-kwh", day=DAY)
    assert 8 in set(older[-1].quality)


@pytest.mark.parametrize("turn", range(3))
async def test_a_race_of_run_and_feed_leaves_what_was_measured(
    run: Run, feed: Feed, vee: Vee, points: list[ServicePoint], turn: int
) -> None:
    whole = curve(DAY)
    gappy: list[int | None] = [None if slot % 7 == turn or slot > 60 else value for slot, value in enumerate(whole)]
    await feed(days_before(DAY, 9) + row(DAY, gappy), now=NOW)
    await asyncio.gather(run(), run(), feed(row(DAY, whole), now=NOW))
    series = await interval_series(
        point=points[0], days=Days(DAY, DAY + timedelta(days=1)), histories=vee.bench.histories
    )
    assert list(series.values) == whole
    assert (await run()).estimated == 0


async def test_a_day_of_which_nothing_came_is_estimated_after_its_grace_and_closes_by_itself(
    run: Run, feed: Feed, vee: Vee, points: list[ServicePoint]
) -> None:
    await feed(days_before(DAY, 9), now=NOW)
    report = await run(DAY, DAY + timedelta(days=1))
    assert report.estimated == 96
    assert await vee.exceptions.load([day_key(points[0].id, "import-kwh", DAY)]) == {}
    yesterday = TODAY - timedelta(days=1)
    assert (await run(yesterday, TODAY)).judged == 0


async def test_days_that_are_estimated_alike_are_no_copies_of_each_other(run: Run, feed: Feed, vee: Vee) -> None:
    await feed(days_before(DAY, 9), now=NOW)
    report = await run(DAY, DAY + timedelta(days=3))
    assert report.estimated == 3 * 96
    assert not report.failed["duplicate"]
    assert await vee.exceptions.page(Wanted("zhejiang", code="duplicate"), after=None, limit=5) == []


async def test_days_that_were_estimated_are_no_news_of_a_silent_meter(
    run: Run, feed: Feed, vee: Vee, points: list[ServicePoint]
) -> None:
    await feed(days_before(DAY, 9), now=NOW)
    assert (await run()).estimated
    summary = await usage_summary(point=points[0], histories=vee.bench.histories, today=TODAY)
    assert (summary.newest_day, summary.missing_days) == (DAY - timedelta(days=1), 5)


async def test_a_meter_that_people_read_owes_no_curve(
    run: Run, feed: Feed, vee: Vee, points: list[ServicePoint]
) -> None:
    by_hand = Meter("M0", remote=False)
    await register_points(points=points[:1], meters=[by_hand], repository=vee.points)
    assert (await run()).judged == 0
    await feed(row(DAY, CURVE), now=NOW)
    assert (await run()).judged == 1, "a curve that came after all is judged"


async def test_a_history_that_is_too_thin_invents_nothing_and_asks_a_person(run: Run, feed: Feed, vee: Vee) -> None:
    gappy: list[int | None] = [None if slot > 30 else value for slot, value in enumerate(CURVE)]
    await feed(row(DAY, gappy), now=NOW)
    report = await run(DAY, DAY + timedelta(days=1))
    assert (report.estimated, report.not_estimated) == (0, 1)
    (case,) = await vee.exceptions.page(Wanted("zhejiang", code="missing"), after=None, limit=5)
    assert case.codes == ("missing",)
    await feed(row(DAY, CURVE), now=NOW)
    await run(DAY, DAY + timedelta(days=1))
    (case,) = (await vee.exceptions.load([case.key])).values()
    assert case.state is ExceptionState.RESOLVED


async def test_nothing_is_estimated_of_today_or_of_a_point_without_a_meter(run: Run, feed: Feed) -> None:
    await feed(days_before(TODAY, 9), now=NOW)
    before = date(2025, 12, 30)
    assert (await run(before, before + timedelta(days=1))).judged == 0
    assert (await run(TODAY, TODAY + timedelta(days=3))).judged == 0
