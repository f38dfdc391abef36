"""`gridhall migrate` on a real database."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from gridhall.api.cli import app
from gridhall.kit.mongo import Mongo
from tests.factories.cases import a_case, a_point
from tests.factories.commands import command_database
from tests.factories.released import a_released_case

RUN = CliRunner()
CASES = [a_case(point=a_point(number)) for number in range(1, 8)]


@pytest.fixture(autouse=True)
def _database(mongo_uri: str, worker: str) -> Iterator[None]:
    """The commands' own database with released cases, of which two are of one point, so one cannot be changed.

    And an exception whose key reads like markup of the console.
    """

    async def prepare(mongo: Mongo) -> None:
        twice = {**a_released_case(CASES[0]), "_id": a_case(point=a_point(1)).id}
        await mongo["irregular_cases"].insert_many([*map(a_released_case, CASES), twice])
        await mongo["usage_exceptions"].insert_one({"_id": b"[/red]", "schema": 1, "orgPath": "grid"})

    with command_database(f"test_migrate_{worker}", prepare=prepare, mongo_uri=mongo_uri):
        yield


def answer(*words: str, code: int) -> Any:  # noqa: ANN401 - any JSON
    done = RUN.invoke(app, ["migrate", *words, "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def test_what_waits_is_counted_changed_and_told_when_it_cannot_be() -> None:
    waiting = {one["collection"]: one for one in answer("status", code=1)}
    assert (waiting["irregular_cases"]["waiting"], waiting["irregular_cases"]["begun"]) == (8, False)
    assert waiting["bills"]["waiting"] == 0

    done = answer("run", "--pause", "0", "--range", "3", code=1)
    assert (done["changed"], done["left"], len(done["shown"])) == (8, 1, 1)
    assert "irregular_cases:1" in done["shown"][0]

    (row,) = answer("status", "--collection", "irregular_cases", code=1)
    assert (row["waiting"], row["changed"], row["through"]) == (1, 7, True)
    assert answer("run", "--pause", "0", code=1)["changed"] == 0


def test_a_collection_that_has_nothing_old_is_done_with_code_0() -> None:
    assert answer("run", "--collection", "bills", code=0) == {"changed": 0, "left": 0, "shown": []}
    assert answer("status", "--collection", "bills", code=0)[0]["through"]


def test_progress_is_told_beside_the_result() -> None:
    done = RUN.invoke(app, ["migrate", "run", "--collection", "irregular_cases", "--pause", "0", "--range", "4"])
    assert done.exit_code == 1
    assert "irregular_cases:1: " in done.stderr


def test_a_collection_without_a_step_is_refused_with_those_there_are() -> None:
    done = RUN.invoke(app, ["migrate", "run", "--collection", "weather"])
    assert done.exit_code == 2
    assert "--collection: 'weather' has no step; there are bill_waits, bills" in " ".join(done.stderr.split())
