"""Refused rows, taken again on a real MongoDB."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.clients import add_client
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import IntakeReport, Limits
from gridhall.metering.feed.quarantine import KeptRow
from gridhall.metering.feed.replay import (
    NotCorrectedError,
    ReplayReport,
    SettledBeforeError,
    correct,
    replay,
    replay_one,
)
from gridhall.metering.feed.repository import FeedClientRepository
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository
from tests.integration.metering.conftest import NOW

Feed = Callable[..., Awaitable[IntakeReport]]
Replay = Callable[..., Awaitable[ReplayReport]]

LATER = NOW + timedelta(hours=1)
ROW = '{"meter":"NEW","start":"2026-10-02T00:00:00+08:00","kwh":"0.5"}\n'
NEM12 = (
    "100,NEM12,202610040000,A,B\n200,NMI,E1Q1,,E1,,,kWh,30,\n"
    f"300,20261003,{','.join(['0.5'] * 48)},V,,,,\n400,1,40,A,,\n400,41,48,S14,,\n"
    f"200,NMI,E1Q1,,Q1,,,kVArh,30,\n300,20261003,{','.join(['0.5'] * 48)},A,,,,\n900\n"
)


@pytest.fixture
def again(limits: Limits, mongo: Mongo) -> Replay:
    """Replay with a directory that remembers no meter, as a new process would."""

    async def run(*, now: datetime = LATER, **which: str) -> ReplayReport:
        return await replay(
            stores=IntakeStores.of(mongo), clients=FeedClientRepository(mongo), limits=limits, now=now, **which
        )

    return run


async def hang_up(mongo: Mongo, number: str, *, region: str = "zhejiang", minutes: int = 15) -> None:
    link = MeterLink(number, date(2026, 1, 1))
    point = ServicePoint(UUID(bytes=number.encode().ljust(16)), region, "z", "Asia/Shanghai", "zhejiang-tou", (link,))
    meter = Meter(number, interval_minutes=minutes, channels=frozenset({"import-kwh", "import-kvarh"}))
    await register_points(points=[point], meters=[meter], repository=PointRepository(mongo))


async def kept(stores: IntakeStores, *, settled: bool = False) -> list[KeptRow]:
    return await stores.quarantine.page(settled=settled, limit=100)


class TestReplay:
    async def test_rows_of_a_meter_that_is_known_now_are_taken_and_leave(
        self, feed: Feed, stores: IntakeStores, mongo: Mongo, again: Replay
    ) -> None:
        await feed(ROW)
        await hang_up(mongo, "NEW")
        assert await again() == ReplayReport(accepted=1)
        assert await kept(stores) == []
        (row,) = await kept(stores, settled=True)
        assert (row.settled, row.raw) == ("accepted", ROW.strip().encode())
        assert (await feed(ROW, into=IntakeStores.of(mongo))).duplicate == 1

    async def test_rows_that_are_refused_again_stay_with_their_count_raised(
        self, feed: Feed, stores: IntakeStores, again: Replay
    ) -> None:
        await feed(ROW)
        assert await again() == ReplayReport(refused=1)
        (row,) = await kept(stores)
        assert (row.seen, row.line, row.first_at, row.last_at) == (2, 1, NOW, LATER)

    async def test_a_second_replay_changes_no_history(
        self, feed: Feed, mongo: Mongo, again: Replay, fingerprint: Callable[..., Awaitable[dict[str, str]]]
    ) -> None:
        await feed(ROW)
        await hang_up(mongo, "NEW")
        await again()
        before = await fingerprint()
        assert await again(now=LATER + timedelta(hours=1)) == ReplayReport()
        assert await fingerprint() == before

    async def test_a_row_that_is_refused_for_another_reason_now_is_kept_under_that(
        self, feed: Feed, stores: IntakeStores, mongo: Mongo, again: Replay
    ) -> None:
        await feed(ROW.replace('"0.5"', '"-5"'))
        await hang_up(mongo, "NEW")
        assert await again() == ReplayReport(moved=1)
        assert [row.code for row in await kept(stores)] == ["negative-energy"]
        assert [(row.code, row.settled) for row in await kept(stores, settled=True)] == [("unknown-meter", "moved")]

    async def test_a_settled_row_that_is_refused_once_more_is_back(
        self, feed: Feed, stores: IntakeStores, mongo: Mongo, again: Replay
    ) -> None:
        await feed(ROW)
        await hang_up(mongo, "NEW")
        await again()
        await mongo["meters"].delete_many({"_id": "NEW"})
        await mongo["service_points"].delete_many({"links.meter": "NEW"})
        await feed(ROW)
        assert [row.settled for row in await kept(stores)] == [None]

    async def test_reason_and_delivery_choose_what_is_taken(self, feed: Feed, mongo: Mongo, again: Replay) -> None:
        await feed(ROW + "what\n")
        await hang_up(mongo, "NEW")
        assert await again(reason="not-json") == ReplayReport(refused=1)
        assert await again(batch="batch-2") == ReplayReport()
        assert await again(batch="batch-1", now=LATER + timedelta(hours=1)) == ReplayReport(accepted=1, refused=1)

    async def test_csv_rows_are_read_below_the_header_that_they_came_with(
        self, feed: Feed, mongo: Mongo, again: Replay
    ) -> None:
        await feed("quality,kwh,start,meter\n8,0.5,2026-10-02T00:00:00+08:00,NEW\n")
        await hang_up(mongo, "NEW")
        assert await again() == ReplayReport(accepted=1)

    async def test_days_of_nem12_are_read_below_their_stream_with_the_qualities_told(
        self, feed: Feed, stores: IntakeStores, mongo: Mongo, again: Replay
    ) -> None:
        report = await feed(NEM12)
        assert (report.quarantined, [row.readings for row in await kept(stores)]) == (96, [48, 48])
        await hang_up(mongo, "NMI-1/30", minutes=30)
        assert await again() == ReplayReport(accepted=2)
        assert (await feed(NEM12, into=IntakeStores.of(mongo))).duplicate == 96

    async def test_a_row_whose_end_is_lost_is_never_taken(
        self, feed: Feed, stores: IntakeStores, again: Replay
    ) -> None:
        await feed(ROW.replace("NEW", "N" * 9000))
        assert await again() == ReplayReport(refused=1)
        assert [row.code for row in await kept(stores)] == ["line-too-long"]


class TestScope:
    async def test_a_client_takes_no_region_by_replay_that_it_may_not_write(
        self, feed: Feed, mongo: Mongo, again: Replay
    ) -> None:
        await hang_up(mongo, "NEW", region="shaanxi")
        await feed(ROW, regions=frozenset({"zhejiang"}), into=IntakeStores.of(mongo))
        assert await again() == ReplayReport(refused=1)

    async def test_but_one_that_it_may_write_since(self, feed: Feed, mongo: Mongo, again: Replay) -> None:
        await hang_up(mongo, "NEW", region="shaanxi")
        await feed(ROW, regions=frozenset({"zhejiang"}), into=IntakeStores.of(mongo))
        await add_client(name="ami", regions=["zhejiang", "shaanxi"], clients=FeedClientRepository(mongo), now=NOW)
        assert await again() == ReplayReport(accepted=1)


class TestCorrection:
    async def test_a_corrected_row_takes_the_place_of_the_refused_one(
        self, feed: Feed, stores: IntakeStores, mongo: Mongo, limits: Limits
    ) -> None:
        await feed("meter,start,kwh\nM0,2026-10-02T00:00:00+08:00,-1\n")
        (row,) = await kept(stores)
        tools = {"stores": stores, "clients": FeedClientRepository(mongo), "limits": limits, "now": LATER}
        report = await correct(row, corrected=b"M0,2026-10-02T00:00:00+08:00,1\n", **tools)
        assert report.accepted == 1
        (settled,) = await kept(stores, settled=True)
        assert (settled.raw, settled.settled) == (b"M0,2026-10-02T00:00:00+08:00,-1", "corrected")
        with pytest.raises(SettledBeforeError):
            await correct(settled, corrected=b"M0,2026-10-02T00:00:00+08:00,2\n", **tools)
        assert await replay_one(settled, **tools) == "accepted"

    @pytest.mark.parametrize("corrected", [b"M0,2026-10-02T00:00:00+08:00,-2", b"", b"M0,never,1", b"M0,1"])
    async def test_one_that_is_wrong_too_stores_nothing(
        self, feed: Feed, stores: IntakeStores, mongo: Mongo, limits: Limits, corrected: bytes
    ) -> None:
        await feed("meter,start,kwh\nM0,2026-10-02T00:00:00+08:00,-1\n")
        (row,) = await kept(stores)
        with pytest.raises(NotCorrectedError):
            await correct(
                row,
                corrected=corrected,
                stores=stores,
                clients=FeedClientRepository(mongo),
                limits=limits,
                now=LATER,
            )
        assert await kept(stores) == [row]
        assert await mongo["usage_days"].count_documents({}) == 0


class TestList:
    async def test_it_goes_on_below_the_last_row_and_misses_none(self, feed: Feed, stores: IntakeStores) -> None:
        for hour in range(5):
            text = "".join(ROW.replace("00:00:00", f"{hour:02d}:{quarter}:00") for quarter in ("00", "15", "30"))
            await feed(text, now=NOW + timedelta(hours=hour))
        seen: list[KeptRow] = []
        while page := await stores.quarantine.page(after=seen[-1].id if seen else None, limit=4):
            seen += page
        assert len({row.id for row in seen}) == 15
        assert [row.last_at for row in seen] == sorted((row.last_at for row in seen), reverse=True)

    async def test_it_is_of_one_client_or_reason(self, feed: Feed, stores: IntakeStores) -> None:
        await feed(ROW + "what\n")
        assert [row.code for row in await stores.quarantine.page(reason="not-json", limit=9)] == ["not-json"]
        assert len(await stores.quarantine.page(client="ami", limit=9)) == 2
        assert await stores.quarantine.page(client="other", limit=9) == []
