"""`gridhall irregular` on a real database."""

import json
from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest
from typer.testing import CliRunner

from gridhall.kit.mongo import Mongo
from gridhall.metering.irregular.cli import app
from tests.factories.commands import command_database
from tests.factories.curves import some_homes
from tests.factories.grid import REGION, a_grid, home_id

RUN = CliRunner()
THIEF, DAY = 4, date(2026, 11, 2)


@pytest.fixture
def database(mongo_uri: str, worker: str) -> Iterator[str]:
    """The commands' own database, with the homes of a region and one thief among them."""

    async def prepare(mongo: Mongo) -> None:
        true = some_homes()
        sent = true.copy()
        sent[THIEF, 50:] *= 0.3
        await a_grid(mongo, sent=np.round(sent, 3), true=true, end=DAY)

    with command_database(f"test_irregular_command_{worker}", prepare=prepare, mongo_uri=mongo_uri) as name:
        yield name


@pytest.mark.usefixtures("database")
def test_from_the_scan_to_a_dismissal() -> None:
    scanned = RUN.invoke(app, ["scan", "--region", REGION, "--day", DAY.isoformat(), "--json"])
    assert scanned.exit_code == 0, scanned.output
    counts = json.loads(scanned.stdout)
    assert counts["homes"] == 40
    assert counts["opened"] == counts["suspected"] > 0
    again = json.loads(RUN.invoke(app, ["scan", "--region", REGION, "--day", DAY.isoformat(), "--json"]).stdout)
    assert (again["opened"], again["added"]) == (0, 0)

    listed = json.loads(RUN.invoke(app, ["list", "--region", REGION, "--json"]).stdout)
    case = next(one for one in listed if one["point"] == str(home_id(THIEF)))
    shown = RUN.invoke(app, ["show", case["id"]], env={"COLUMNS": "200"}).output
    assert "of the loss of its transformer district beyond the technical one" in shown
    assert "system: opened" in shown

    early = RUN.invoke(app, ["confirm", case["id"], "--by", "wu.gang", "--note", "as found", "--closing", "theft"])
    assert (early.exit_code, "not in a state" in early.output) == (2, True)
    assert RUN.invoke(app, ["inspect", case["id"], "--by", "he.jun"]).exit_code == 0
    done = RUN.invoke(app, ["dismiss", case["id"], "--by", "he.jun", "--note", "as found", "--closing", "vacant"])
    assert done.output.split() == [case["id"], "is", "dismissed"]
    left = json.loads(RUN.invoke(app, ["list", "--region", REGION, "--json"]).stdout)
    assert case["id"] not in {one["id"] for one in left}

    lost = RUN.invoke(app, ["loss", "T000", "--day", DAY.isoformat(), "--days", "3"], env={"COLUMNS": "120"})
    assert "20 members, 1 sum meters" in lost.output
    unknown = RUN.invoke(app, ["loss", "T9"])
    assert (unknown.exit_code, "no point lies in T9" in unknown.output) == (2, True)


@pytest.mark.usefixtures("database")
def test_what_is_no_day_and_no_case_is_said_to_be_none() -> None:
    bad_day = RUN.invoke(app, ["scan", "--region", REGION, "--day", "yesterday"], env={"COLUMNS": "200"})
    assert (bad_day.exit_code, "does not match the format" in bad_day.output) == (2, True)
    no_case = RUN.invoke(app, ["show", str(home_id(THIEF))], env={"COLUMNS": "200"})
    assert (no_case.exit_code, "no case has this id" in no_case.output) == (2, True)
