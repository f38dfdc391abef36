"""A file whose import was killed in the middle."""

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from typer.testing import CliRunner

from gridhall.kit.mongo import Mongo
from gridhall.metering.cli import app
from gridhall.metering.feed.formats.registry import FORMATS
from gridhall.metering.feed.imports.tracking import HEADED
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository
from tests.factories.commands import command_database

RUN = CliRunner()
METERS, DAYS, SINCE = 5, 120, date(2026, 3, 1)
READINGS = METERS * DAYS * 24

DIES_AFTER_THE_THIRD_BATCH = """
import os, signal, sys
from gridhall.metering.feed import files, model
from gridhall.metering.feed.imports.repository import ImportRepository

files._CHUNK_BYTES, model.FILE_BATCH_BYTES = 2**13, 2**15
put, told = ImportRepository.put, []

async def put_and_die(self, progress, *, now):
    await put(self, progress, now=now)
    told.append(progress)
    if len(told) == 3:
        os.kill(os.getpid(), signal.SIGKILL)

ImportRepository.put = put_and_die
from gridhall.metering.cli import app
app(["import", sys.argv[1]])
"""


@pytest.fixture
def database(mongo_uri: str, worker: str) -> Iterator[str]:
    """The commands' own database, in which the meters M0 to M4 count hours."""

    async def prepare(mongo: Mongo) -> None:
        points = [
            ServicePoint(
                UUID(int=one + 1), "zhejiang", "z", "Asia/Shanghai", "zhejiang-tou", (MeterLink(f"M{one}", SINCE),)
            )
            for one in range(METERS)
        ]
        meters = [Meter(f"M{one}", interval_minutes=60) for one in range(METERS)]
        await register_points(points=points, meters=meters, repository=PointRepository(mongo))

    with command_database(f"test_feed_import_{worker}", prepare=prepare, mongo_uri=mongo_uri) as name:
        yield name


def a_file(folder: Path, kind: str) -> Path:
    """Hours of all meters and days, and a last line that is refused."""
    places = [(f"M{meter}", SINCE + timedelta(days=day)) for day in range(DAYS) for meter in range(METERS)]
    if kind == "ndjson":
        lines = [orjson.dumps({"meter": meter, "day": str(day), "kwh": ["0.125"] * 24}) for meter, day in places]
        content = b"\n".join([*lines, b"nonsense\n"])
    else:
        rows = [f"{meter},{day}T{hour:02d}:00:00+08:00,0.125" for meter, day in places for hour in range(24)]
        content = "\n".join(["meter,start,kwh", *rows, "M0,nonsense,1\n"]).encode()
    path = folder / f"feed.{kind}"
    path.write_bytes(gzip.compress(content) if kind.endswith("gz") else content)
    return path


def stored(name: str, mongo_uri: str) -> tuple[int, int, int]:
    """Return how many slots the months hold, how many values were overwritten, and how many imports are open."""

    async def look() -> tuple[int, int, int]:
        mongo = Mongo.connect(uri=mongo_uri, database=name)
        slots = [entry[2] async for month in mongo["usage_months"].find() for entry in month["days"].values()]
        overwritten = await mongo["usage_revisions"].count_documents({})
        opened = await mongo["feed_imports"].count_documents({})
        await mongo.close()
        return sum(slots), overwritten, opened

    return asyncio.run(look())


@pytest.mark.parametrize("kind", ["ndjson", "csv", "csv.gz"])
def test_goes_on_where_it_was_and_has_every_reading_once(
    database: str, mongo_uri: str, tmp_path: Path, kind: str
) -> None:
    path = a_file(tmp_path, kind)
    killed = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", DIES_AFTER_THE_THIRD_BATCH, str(path)], env=os.environ, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    slots, _, opened = stored(database, mongo_uri)
    assert 0 < slots < READINGS
    assert opened == 1

    went_on = RUN.invoke(app, ["import", str(path), "--json"])
    assert went_on.exit_code == 0
    assert "went on behind line" in went_on.stderr
    counts = json.loads(went_on.stdout)
    assert counts["accepted"] + counts["duplicate"] >= READINGS
    assert counts["accepted"] <= READINGS
    assert (counts["corrected"], counts["quarantined"]) == (0, 1)
    last = 1 + METERS * DAYS * (1 if kind == "ndjson" else 24) + (kind != "ndjson")
    assert f"line {last}" in went_on.stderr, "lines are counted from the beginning of the file"
    assert stored(database, mongo_uri) == (READINGS, 0, 0)

    again = RUN.invoke(app, ["import", str(path), "--json"])
    assert json.loads(again.stdout)["duplicate"] == READINGS
    assert "went on" not in again.stderr


def test_from_the_start_if_it_is_asked_to(database: str, mongo_uri: str, tmp_path: Path) -> None:
    path = a_file(tmp_path, "ndjson")
    subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", DIES_AFTER_THE_THIRD_BATCH, str(path)], env=os.environ, capture_output=True, check=False
    )
    result = RUN.invoke(app, ["import", str(path), "--from-start", "--json"])
    counts = json.loads(result.stdout)
    assert counts["accepted"] + counts["duplicate"] == READINGS
    assert "went on" not in result.stderr
    assert stored(database, mongo_uri) == (READINGS, 0, 0)


def test_formats_of_lines_exist() -> None:
    assert HEADED.keys() <= FORMATS.keys()
