"""`gridhall vee` on a real database, and the nightly jobs on the same."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from typer.testing import CliRunner

from gridhall.kit.clock import SystemClock
from gridhall.kit.localdays import local_day
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import settings
from gridhall.metering.histories.keys import day_key
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.operations import record
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.vee.cli import app
from gridhall.workers import engine
from gridhall.workers.app import app as celery_app
from gridhall.workers.tasks.vee import check_chunk
from tests.factories.commands import command_database

RUN = CliRunner()
ZONE = "Asia/Shanghai"
TODAY = local_day(SystemClock().now(), ZONE)
GAPPY = TODAY - timedelta(days=3)


def a_day(day: date, values: Sequence[int]) -> DayPiece:
    quality = bytearray([MISSING_QUALITY if value < 0 else 0 for value in values])
    return DayPiece(day_key(UUID(int=1), "import-kwh", day), 60, 3, ZONE, "single", list(values), quality)


@pytest.fixture
def database(mongo_uri: str, redis_uri: str, worker: str) -> Iterator[str]:
    """The commands' own database: the meter M0 sent one day, and of that the half."""

    async def prepare(mongo: Mongo) -> None:
        link = MeterLink("M0", GAPPY)
        point = ServicePoint(UUID(int=1), "zhejiang", "z", ZONE, "single", (link,))
        await register_points(
            points=[point], meters=[Meter("M0", interval_minutes=60)], repository=PointRepository(mongo)
        )
        piece = a_day(GAPPY, [100 + hour for hour in range(12)] + [MISSING] * 12)
        await record(pieces=[piece], histories=HistoryRepository(mongo), now=SystemClock().now())

    with command_database(f"test_vee_{worker}", prepare=prepare, mongo_uri=mongo_uri, redis_uri=redis_uri) as name:
        yield name


def answer(*arguments: str) -> dict[str, object]:
    result = RUN.invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    told: dict[str, object] = json.loads(result.stdout)
    return told


@pytest.mark.usefixtures("database")
class TestCommands:
    def test_a_run_judges_what_changed_and_says_so(self) -> None:
        first = answer("run", "--region", "zhejiang", "--days", "3")
        assert (first["judged"], first["failed"]["missing"], first["notEstimated"]) == (2, 2, 2)
        assert first["exceptions"] == 2
        assert answer("run", "--region", "zhejiang", "--days", "3")["judged"] == 0

    def test_a_day_is_shown_with_every_check_and_its_exception(self) -> None:
        answer("run", "--region", "zhejiang", "--days", "3")
        shown = answer("show", "M0", GAPPY.isoformat())
        checks = {one["check"]: one["verdict"] for one in shown["checks"]}  # type: ignore[attr-defined]
        assert (checks["missing"], checks["sum"], shown["exception"]) == ("failed", "skipped", "open")

    def test_a_day_that_nobody_judged_is_refused_with_what_to_do(self) -> None:
        result = RUN.invoke(app, ["show", "M0", "2020-01-01"])
        assert result.exit_code == 2
        assert "`gridhall vee run` judges" in " ".join(result.stderr.split())

    def test_exceptions_are_listed_by_what_is_due_first(self) -> None:
        answer("run", "--region", "zhejiang", "--days", "3")
        result = RUN.invoke(app, ["exceptions", "--region", "zhejiang", "--check", "missing", "--json"])
        assert [one["day"] for one in json.loads(result.stdout)] == [
            GAPPY.isoformat(),
            (GAPPY + timedelta(days=1)).isoformat(),
        ]


@pytest.mark.usefixtures("database")
def test_the_job_of_a_chunk_does_the_same(mongo_uri: str) -> None:
    engine.start(settings(), celery_app)
    try:
        check_chunk(point_ids=[str(UUID(int=1))], first=GAPPY.isoformat(), end=TODAY.isoformat(), of_a_later_version=1)
    finally:
        engine.stop()
    assert mongo_uri
    assert answer("run", "--region", "zhejiang", "--days", "3")["judged"] == 0
