"""`gridhall feed` on a real database."""

import gzip
import json
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from gridhall.kit.mongo import Mongo
from gridhall.metering.cli import app
from gridhall.metering.feed.formats.registry import FORMATS
from gridhall.metering.points.model import Meter, MeterLink, ServicePoint
from gridhall.metering.points.operations import register_points
from gridhall.metering.points.repository import PointRepository
from tests.factories.commands import command_database

RUN = CliRunner()
FILE = "meter,start,kwh\n" + "".join(
    f"M0,2026-10-03T{hour:02d}:{minute:02d}:00+08:00,0.1\n" for hour in range(24) for minute in (0, 15, 30, 45)
)


@pytest.fixture
def database(mongo_uri: str, worker: str) -> Iterator[str]:
    """The commands' own database, in which the meter M0 is registered."""

    async def prepare(mongo: Mongo) -> None:
        link = MeterLink("M0", date(2026, 1, 1))
        point = ServicePoint(UUID(int=1), "zhejiang", "z", "Asia/Shanghai", "zhejiang-tou", (link,))
        await register_points(points=[point], meters=[Meter("M0")], repository=PointRepository(mongo))

    with command_database(f"test_feed_command_{worker}", prepare=prepare, mongo_uri=mongo_uri) as name:
        yield name


@pytest.mark.usefixtures("database")
class TestImport:
    def test_prints_the_four_counts_and_nothing_else(self, tmp_path: Path) -> None:
        file = tmp_path / "feed.csv"
        file.write_text(FILE + "M0,2026-10-04T00:00:00+08:00,-3\n")
        result = RUN.invoke(app, ["import", str(file), "--json"])
        assert result.exit_code == 0
        assert result.stdout == '{"accepted":96,"duplicate":0,"corrected":0,"quarantined":1}\n'
        assert "line 98: energy -3 kWh is below zero" in result.stderr

    def test_of_a_packed_file_again_changes_nothing(self, tmp_path: Path) -> None:
        file = tmp_path / "feed.csv.gz"
        file.write_bytes(gzip.compress(FILE.encode()))
        results = [RUN.invoke(app, ["import", str(file), "--json"]) for _ in range(2)]
        assert [json.loads(result.stdout)["duplicate"] for result in results] == [0, 96]

    def test_of_a_zipped_nem12_file_takes_its_days(self, tmp_path: Path) -> None:
        file = tmp_path / "feed.zip"
        record = f"300,20261003,{','.join(['0.5'] * 48)},A,,,,"
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("feed.csv", f"100,NEM12,202610040000,A,B\n200,NMI,E1,,E1,,,kWh,30,\n{record}\n900\n")
        result = RUN.invoke(app, ["import", str(file), "--json"])
        assert json.loads(result.stdout) == {"accepted": 0, "duplicate": 0, "corrected": 0, "quarantined": 48}
        assert "meter NMI-1/30, 2026-10-03, line 3: no meter of this number" in result.stderr

    def test_of_an_unsound_nem12_file_stores_nothing_and_says_why(self, tmp_path: Path) -> None:
        file = tmp_path / "feed.csv"
        file.write_text("200,NMI,E1,,E1,,,kWh,30,\n900\n")
        result = RUN.invoke(app, ["import", str(file)])
        assert (result.exit_code, "header is missing" in result.stderr.replace("\n", " ")) == (2, True)

    def test_of_an_unknown_format_says_which_there_are(self, tmp_path: Path) -> None:
        file = tmp_path / "feed.xml"
        file.write_text("<feed/>")
        result = RUN.invoke(app, ["import", str(file)])
        assert result.exit_code == 2
        told = result.stderr.replace("\n", " ")
        assert "feed.xml" in told
        assert "--format" in told
        assert all(name in told for name in FORMATS)

    def test_of_a_folder_takes_every_file_and_tells_which_ones_it_could_not(self, tmp_path: Path) -> None:
        (tmp_path / "b").mkdir()
        (tmp_path / "a.csv").write_text(FILE)
        (tmp_path / "b" / "c.csv").write_text(FILE.replace("10-03", "10-04"))
        (tmp_path / "b" / "no.txt").write_text("what is this")
        result = RUN.invoke(app, ["import", str(tmp_path), "--json"])
        assert (result.exit_code, json.loads(result.stdout)["accepted"]) == (2, 192)
        assert "no.txt" in result.stderr

    def test_of_a_damaged_file_says_so(self, tmp_path: Path) -> None:
        file = tmp_path / "feed.csv.gz"
        file.write_bytes(gzip.compress(FILE.encode())[:-20])
        result = RUN.invoke(app, ["import", str(file)])
        assert result.exit_code == 2
        assert "damaged" in result.stderr


@pytest.mark.usefixtures("database")
def test_the_quarantine_is_listed_with_rows_as_they_came(tmp_path: Path) -> None:
    file = tmp_path / "feed.csv"
    file.write_text("meter,start,kwh\nM9,2026-10-04T00:00:00+08:00,1\n")
    RUN.invoke(app, ["import", str(file)])
    (row,) = json.loads(RUN.invoke(app, ["quarantine", "list", "--json"]).stdout)
    assert (row["code"], row["raw"], row["line"]) == ("unknown-meter", "M9,2026-10-04T00:00:00+08:00,1", 2)
    assert "unknown-meter" in RUN.invoke(app, ["quarantine", "list"]).stdout.replace("\n", "")


@pytest.mark.usefixtures("database")
def test_a_client_is_added_once() -> None:
    first = RUN.invoke(app, ["client", "add", "ami", "--region", "zhejiang", "--region", "shaanxi", "--json"])
    assert json.loads(first.stdout)["regions"] == ["shaanxi", "zhejiang"]
    assert json.loads(first.stdout)["token"].startswith("ghf.ami.")
    again = RUN.invoke(app, ["client", "add", "ami", "--region", "zhejiang"])
    assert (again.exit_code, "ami exists" in again.stderr) == (2, True)


@pytest.mark.usefixtures("database")
class TestReplay:
    def test_a_corrected_row_is_handed_in_for_the_one_that_it_corrects(self, tmp_path: Path) -> None:
        file, row = tmp_path / "feed.csv", tmp_path / "row.csv"
        file.write_text("meter,start,kwh\nM0,2026-10-04T00:00:00+08:00,-1\n")
        row.write_text("M0,2026-10-04T00:00:00+08:00,1\n")
        RUN.invoke(app, ["import", str(file)])
        again = RUN.invoke(app, ["quarantine", "replay", "--json"])
        assert json.loads(again.stdout) == {"accepted": 0, "moved": 0, "refused": 1}
        (kept,) = json.loads(RUN.invoke(app, ["quarantine", "list", "--reason", "negative-energy", "--json"]).stdout)
        assert kept["seen"] == 2
        result = RUN.invoke(app, ["quarantine", "replay", "--id", kept["id"], "--row", str(row), "--json"])
        assert json.loads(result.stdout) == {"accepted": 1, "moved": 0, "refused": 0}
        assert json.loads(RUN.invoke(app, ["quarantine", "list", "--json"]).stdout) == []
        (settled,) = json.loads(RUN.invoke(app, ["quarantine", "list", "--settled", "--json"]).stdout)
        assert settled["settled"] == "corrected"

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--id", "xyz"], "must be an id"),
            (["--id", "ab"], "no row has this id"),
            (["--id", "ab", "--reason", "not-json"], "leave --batch and --reason out"),
            (["--row", __file__], "needs --id"),
        ],
    )
    def test_what_cannot_be_meant_is_told(self, arguments: list[str], words: str) -> None:
        result = RUN.invoke(app, ["quarantine", "replay", *arguments])
        assert (result.exit_code, words in result.stderr) == (2, True)


@pytest.mark.usefixtures("database")
def test_a_client_gets_a_new_token_and_is_revoked() -> None:
    RUN.invoke(app, ["client", "add", "ami", "--region", "zhejiang", "--org", "zhejiang/hangzhou"])
    rotated = json.loads(RUN.invoke(app, ["client", "rotate", "ami", "--keep-hours", "2", "--json"]).stdout)
    assert rotated["token"].startswith("ghf.ami.")
    (listed,) = json.loads(RUN.invoke(app, ["client", "list", "--json"]).stdout)
    assert (listed["orgPaths"], len(listed["tokens"]), listed["revokedAt"]) == (["zhejiang/hangzhou"], 2, None)
    assert "ami" in RUN.invoke(app, ["client", "list"]).stdout
    assert RUN.invoke(app, ["client", "revoke", "ami"]).exit_code == 0
    again = RUN.invoke(app, ["client", "rotate", "ami"])
    assert (again.exit_code, "was revoked on" in again.stderr.replace("\n", " ")) == (2, True)


@pytest.mark.usefixtures("database")
def test_every_format_is_listed_with_what_it_is() -> None:
    assert json.loads(RUN.invoke(app, ["formats", "--json"]).stdout).keys() == FORMATS.keys()


@pytest.mark.usefixtures("database")
def test_days_are_split_anew_where_there_is_another_calendar(tmp_path: Path) -> None:
    file = tmp_path / "feed.csv"
    file.write_text(FILE)
    RUN.invoke(app, ["import", str(file)])
    told = RUN.invoke(app, ["resplit", "--region", "zhejiang", "--from", "2026-10-01", "--json"])
    assert json.loads(told.stdout) == {"points": 1, "days": 0}
