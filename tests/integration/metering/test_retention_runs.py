"""Detail past its time: archived and read back before it goes, held where it is needed, brought back as it was."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Event

import orjson
import pytest

from gridhall.kit.localdays import DAY_MINUTES, Days, Month
from gridhall.kit.mongo import Mongo, Transaction
from gridhall.metering.closings.operations import close_until
from gridhall.metering.closings.repository import ClosingRepository
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import IntakeReport
from gridhall.metering.histories.keys import day_key, month_key
from gridhall.metering.histories.queries import day_series, interval_series, month_series, year_series
from gridhall.metering.irregular.cases.repository import CaseRepository
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.retention.archive import FileArchive, read_file
from gridhall.metering.retention.holds import Holds
from gridhall.metering.retention.model import Counts
from gridhall.metering.retention.operations import ArchiveDiffersError, Retention, plan, restore, run_page
from gridhall.metering.retention.policy import RetentionPolicy
from gridhall.metering.retention.repository import RetentionRepository
from gridhall.metering.retention.rows import BadArchiveError
from tests.integration.metering.conftest import NOW

Feed = Callable[..., Awaitable[IntakeReport]]
Fingerprint = Callable[..., Awaitable[dict[str, str]]]

TODAY = date(2026, 11, 2)
"""The first of November is over: its readings, which the door takes by the month of UTC, are in."""
OLD = Days(date(2026, 3, 29), date(2026, 4, 3))
DETAIL = ("usage_days", "usage_revisions")
TOTALS = ("usage_months", "usage_heads")


@pytest.fixture
async def fed(feed: Feed, stores: IntakeStores) -> IntakeStores:
    """M0 and M1 over the turn from March to April, one day of them corrected, and in October."""
    for factor in ("0.100", "0.200"):
        rows = [
            {"meter": meter, "day": day.isoformat(), "kwh": [factor if day == OLD.start else "0.100"] * 96}
            for meter in ("M0", "M1")
            for day in (*OLD, date(2026, 10, 1))
        ]
        report = await feed("\n".join(orjson.dumps(row).decode() for row in rows))
        assert report.quarantined == 0
    return stores


@pytest.fixture
def retention(mongo: Mongo, tmp_path: Path) -> Retention:
    return Retention(
        policy=RetentionPolicy(months={"residential": 6}, mode="archive"),
        points=PointRepository(mongo),
        detail=RetentionRepository(mongo),
        archive=FileArchive(tmp_path),
        holds=Holds(closings=ClosingRepository(mongo), watchers=[CaseRepository(mongo).under_way], needs_closing=False),
    )


class Dying(RetentionRepository):
    """A repository whose process dies before it deletes."""

    async def delete(self, days: object, revisions: object) -> int:
        del days, revisions
        raise ConnectionError


async def whole_pass(retention: Retention, *, today: date = TODAY) -> Counts:
    counts = Counts()
    while page := await run_page(retention=retention, region="zhejiang", today=today):
        counts += page
    return counts


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.ndjson.gz"))


class TestAPass:
    @pytest.mark.usefixtures("fed")
    async def test_takes_what_a_plan_counted_and_leaves_totals_and_the_newer_detail(
        self, retention: Retention, fingerprint: Fingerprint, mongo: Mongo, tmp_path: Path
    ) -> None:
        before = await fingerprint(TOTALS)
        planned = await plan(retention=retention, region="zhejiang", today=TODAY)
        assert await mongo["usage_days"].count_documents({}) == 12
        counts = await whole_pass(retention)
        assert counts == planned == Counts(points=10, days=10, revisions=2, files=2)
        assert await mongo["usage_days"].count_documents({}) == 2
        assert await fingerprint(TOTALS) == before
        assert [file.parent.name for file in files_in(tmp_path)] == ["2026-03", "2026-04"]
        assert await run_page(retention=retention, region="zhejiang", today=TODAY) is None

    async def test_leaves_days_without_a_curve_which_tell_no_more_than_the_totals(
        self, fed: IntakeStores, retention: Retention, points: list[ServicePoint], mongo: Mongo
    ) -> None:
        whole = {"$set": {"minutes": DAY_MINUTES}}
        await mongo["usage_days"].update_one({"_id": day_key(points[0].id, "import-kwh", date(2026, 4, 1))}, whole)
        assert (await whole_pass(retention)).days == 9
        curve = await interval_series(point=points[0], days=OLD, histories=fed.histories, expired_before=TODAY)
        assert (curve.without_curve, curve.expired[-1]) == ((date(2026, 4, 1),), date(2026, 4, 2))

    @pytest.mark.usefixtures("stores")
    async def test_takes_findings_later_than_detail_and_never_what_waits_for_somebody(
        self, retention: Retention, points: list[ServicePoint], mongo: Mongo
    ) -> None:
        months = [Month(2025, 10), Month(2025, 11), Month(2026, 3)]
        checks = [{"_id": month_key(points[0].id, "import-kwh", month), "days": {}} for month in months]
        await mongo["usage_checks"].insert_many(checks)
        for month, state in ((months[0], "resolved"), (months[0], "open"), (months[1], "edited")):
            key = day_key(points[0].id, "import-kwh", month.first + timedelta(days=state == "open"))
            await mongo["usage_exceptions"].insert_one({"_id": key, "state": state})
        keeping = replace(retention, policy=replace(retention.policy, findings_months=12))
        assert (await plan(retention=keeping, region="zhejiang", today=TODAY)).findings == 2
        assert (await whole_pass(keeping)).findings == 2
        assert await mongo["usage_checks"].count_documents({}) == 2
        assert {one["state"] async for one in mongo["usage_exceptions"].find()} == {"open", "edited"}

    @pytest.mark.usefixtures("fed")
    async def test_that_only_expires_writes_no_file(self, retention: Retention, tmp_path: Path, mongo: Mongo) -> None:
        expiring = replace(retention, policy=replace(retention.policy, mode="expire"))
        assert await whole_pass(expiring) == Counts(points=10, days=10, revisions=2)
        assert files_in(tmp_path) == []
        assert await mongo["usage_days"].count_documents({}) == 2

    @pytest.mark.usefixtures("fed")
    async def test_deletes_nothing_that_does_not_read_back(
        self, retention: Retention, fingerprint: Fingerprint, tmp_path: Path
    ) -> None:
        class Forgetful(FileArchive):
            def write(self, **of: object) -> str:  # type: ignore[override]
                name = super().write(**of)  # type: ignore[arg-type]
                file = tmp_path / name
                file.write_bytes(file.read_bytes()[:-20])
                return name

        before = await fingerprint(DETAIL)
        with pytest.raises(ArchiveDiffersError, match="stay in the database"):
            await whole_pass(replace(retention, archive=Forgetful(tmp_path)))
        assert await fingerprint(DETAIL) == before

    @pytest.mark.usefixtures("fed")
    async def test_that_broke_off_between_file_and_deletion_is_done_again_into_the_same_file(
        self, retention: Retention, mongo: Mongo, tmp_path: Path
    ) -> None:
        with pytest.raises(ConnectionError):
            await whole_pass(replace(retention, detail=Dying(mongo)))
        (first,) = files_in(tmp_path)
        assert (await whole_pass(retention)).days == 10
        assert first in files_in(tmp_path)
        assert len(files_in(tmp_path)) == 2

    @pytest.mark.usefixtures("fed")
    async def test_takes_nothing_on_the_first_of_a_month_while_the_door_may_still_let_its_readings_in(
        self, retention: Retention
    ) -> None:
        assert (await whole_pass(retention, today=date(2026, 11, 1))).days == 6  # of March, by October's pass
        assert (await whole_pass(retention, today=date(2026, 11, 2))).days == 4

    async def test_leaves_days_that_were_corrected_while_their_file_was_written(
        self, fed: IntakeStores, feed: Feed, retention: Retention, points: list[ServicePoint], tmp_path: Path
    ) -> None:
        begun, corrected = Event(), Event()

        class Slow(FileArchive):
            def write(self, **of: object) -> str:  # type: ignore[override]
                begun.set()
                assert corrected.wait(20)
                return super().write(**of)  # type: ignore[arg-type]

        async def correct() -> None:
            await asyncio.to_thread(begun.wait, 20)
            row = {"meter": "M0", "day": OLD.start.isoformat(), "kwh": ["0.300"] * 96}
            assert (await feed(orjson.dumps(row).decode())).corrected == 96
            corrected.set()

        counts, _ = await asyncio.gather(whole_pass(replace(retention, archive=Slow(tmp_path))), correct())
        assert counts.days == 9
        key = day_key(points[0].id, "import-kwh", OLD.start)
        assert set((await fed.histories.days([key]))[key].unpacked()) == {300}
        series = await day_series(days=OLD, point=points[0], histories=fed.histories)
        assert series.totals == (28_800, 9600, 9600, 9600, 9600)
        older = [bucket.unpacked() for file in files_in(tmp_path) for bucket, _ in read_file(file)[1]]
        assert [200] * 96 in [list(one) for one in older]

    @pytest.mark.usefixtures("fed")
    async def test_leaves_a_class_that_keeps_all(self, retention: Retention) -> None:
        keeping = replace(retention, policy=RetentionPolicy(months={"commercial": 6}, mode="archive"))
        assert await whole_pass(keeping) == Counts(points=10)


class TestWhatIsHeld:
    @pytest.mark.usefixtures("fed")
    async def test_days_that_no_bill_stands_on_yet(
        self, retention: Retention, mongo: Mongo, points: list[ServicePoint]
    ) -> None:
        closings = ClosingRepository(mongo)
        careful = replace(retention, holds=Holds(closings=closings, watchers=[], needs_closing=True))

        async def close(transaction: Transaction) -> None:
            await close_until(
                point_ids=[points[0].id],
                until=date(2026, 4, 1),
                closings=closings,
                now=NOW,
                transaction=transaction,
            )

        await mongo.transact(close)
        assert await whole_pass(careful) == Counts(points=10, days=3, revisions=1, held=7, files=1)
        progress = await careful.detail.progress("zhejiang")
        assert progress.done == {"residential": Month(2026, 3)}
        # The next month's pass looks at them again.
        later = replace(retention, policy=RetentionPolicy(months={"residential": 7}, mode="archive"))
        assert (await whole_pass(later, today=date(2026, 12, 2))).days == 7

    @pytest.mark.usefixtures("fed")
    async def test_points_under_a_case(self, retention: Retention, mongo: Mongo, points: list[ServicePoint]) -> None:
        case = {"_id": "c", "point": points[1].id, "underWay": True}
        await mongo[CaseRepository.collection_name].insert_one(case)
        counts = await whole_pass(retention)
        assert (counts.days, counts.held) == (5, 5)


class TestAfterwards:
    async def test_days_months_and_years_still_answer_and_intervals_say_why_they_do_not(
        self, fed: IntakeStores, retention: Retention, points: list[ServicePoint]
    ) -> None:
        await whole_pass(retention)
        asked = {"point": points[0], "histories": fed.histories}
        assert (await day_series(days=OLD, **asked)).totals == (19_200, 9600, 9600, 9600, 9600)
        assert (await month_series(months=[Month(2026, 3)], **asked)).totals == (38_400,)
        assert (await year_series(days=OLD, **asked)).totals == (57_600,)
        kept_from = retention.policy.kept_from("residential", today=TODAY)
        gone = Days(OLD.start - timedelta(days=1), OLD.end)
        series = await interval_series(days=gone, expired_before=kept_from, **asked)
        assert (series.present, series.expired) == (0, tuple(OLD))

    @pytest.mark.usefixtures("fed")
    async def test_readings_of_such_days_are_refused_and_kept_in_quarantine(
        self, feed: Feed, fingerprint: Fingerprint
    ) -> None:
        before = await fingerprint()
        row = orjson.dumps({"meter": "M0", "day": "2026-04-01", "kwh": ["0.3"] * 96}).decode()
        report = await feed(row, kept_months={"residential": 6})  # type: ignore[arg-type]
        assert (report.quarantined, report.refusals[0].code) == (96, "expired")
        assert "before 2026-05-01 is past its time" in report.refusals[0].sentence
        assert await fingerprint() == before


class TestBringingBack:
    @pytest.mark.usefixtures("fed")
    async def test_makes_the_days_what_they_were_to_the_last_bit(
        self, retention: Retention, fingerprint: Fingerprint, tmp_path: Path
    ) -> None:
        before = await fingerprint()
        await whole_pass(retention)
        came = [
            await restore(file=file, detail=retention.detail, keep_days=30, today=TODAY) for file in files_in(tmp_path)
        ]
        assert came == [("zhejiang", Month(2026, 3), 6), ("zhejiang", Month(2026, 4), 4)]
        assert await fingerprint() == before
        again = await restore(file=files_in(tmp_path)[0], detail=retention.detail, keep_days=30, today=TODAY)
        assert again[2] == 0

    @pytest.mark.usefixtures("fed")
    async def test_lasts_as_long_as_was_said(self, retention: Retention, tmp_path: Path, mongo: Mongo) -> None:
        await whole_pass(retention)
        await restore(file=files_in(tmp_path)[0], detail=retention.detail, keep_days=10, today=TODAY)
        assert await whole_pass(retention, today=TODAY + timedelta(days=9)) == Counts()
        assert (await whole_pass(retention, today=TODAY + timedelta(days=10))).days == 6
        assert await mongo["usage_days"].count_documents({}) == 2

    @pytest.mark.usefixtures("fed")
    async def test_of_a_damaged_file_is_refused(self, retention: Retention, tmp_path: Path) -> None:
        await whole_pass(retention)
        file = files_in(tmp_path)[0]
        lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
        for content in (b"", b"{}", gzip.compress(b"".join(lines[:-1])), file.read_bytes()[:-30]):
            file.write_bytes(content)
            with pytest.raises(BadArchiveError):
                list(read_file(file)[1])
