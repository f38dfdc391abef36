"""`gridhall rounds` on a real database."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from gridhall.kit.mongo import Mongo
from gridhall.metering.rounds import cli
from gridhall.metering.rounds.making import make_worklist
from tests.factories.commands import command_database
from tests.factories.rounds import DAY, NOON, a_route, manual_points, open_rounds

RUN = CliRunner()


@pytest.fixture(autouse=True)
def _database(mongo_uri: str, worker: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The commands' own database with three routes, one of them given to nobody, and pages of one item."""

    async def prepare(mongo: Mongo) -> None:
        rounds = await open_rounds(mongo)
        for number in (1, 2, 3):
            points = await manual_points(rounds, f"M{number}")
            route = a_route(points, code=f"R{number}", **({"reader": None} if number == 2 else {}))
            await rounds.routes.put([route])
            await make_worklist(route=route, day=DAY, rounds=rounds, now=NOON)

    monkeypatch.setattr(cli, "_AT_ONCE", 1)
    monkeypatch.setattr(cli, "_RATES_AT_ONCE", 1)
    with command_database(f"test_rounds_{worker}", prepare=prepare, mongo_uri=mongo_uri):
        yield


def answer(*words: str) -> list[dict[str, object]]:
    done = RUN.invoke(cli.app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    told: list[dict[str, object]] = json.loads(done.stdout)
    return told


def exchange(old: str, *more: str) -> tuple[int, str]:
    shown = ["--old", old, "--new", "NEW", "--closing", "total=1361.50", "--opening", "total=0", "--reason", "轮换"]
    done = RUN.invoke(cli.app, ["exchange", "--at", "2026-10-20T10:00:00+0800", *shown, *more])
    return done.exit_code, done.output


def test_routes_and_rates_are_listed_to_the_last() -> None:
    assert [one["id"] for one in answer("routes", "list", "--region", "zhejiang")] == [
        f"zhejiang/R{number}" for number in (1, 2, 3)
    ]
    rates = answer("rates", "--region", "zhejiang", "--month", "2026-11")
    assert [(one["route"], one["planned"], bool(one["person"])) for one in rates] == [
        ("zhejiang/R1", 1, True),
        ("zhejiang/R2", 1, False),
        ("zhejiang/R3", 1, True),
    ]


def test_an_exchange_knows_its_point_by_the_old_meter_and_is_entered_once() -> None:
    once = ("--id", "01990000-0000-7000-8000-000000000001")
    first = exchange("M2", *once)
    assert first[0] == 0, first[1]
    assert exchange("M2", *once) == first


def test_an_exchange_of_a_meter_that_hangs_nowhere_is_refused() -> None:
    assert exchange("M9") == (2, "old: no meter M9 hangs at any point on that day\n")
