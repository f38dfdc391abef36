"""`gridhall bills run` and its neighbours, as an operator types them, with real processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from pymongo import MongoClient
from typer.testing import CliRunner

from gridhall.api.cli import app
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.services import REPOSITORIES
from gridhall.kit.keys import field_codec
from gridhall.kit.localdays import Month, local_day
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import settings
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from tests.factories.accounts import an_account, point_of
from tests.factories.commands import command_database
from tests.factories.reads import a_read

DATABASE = "bill_run_command"
HOMES = 600
NOW = datetime(2026, 11, 3, 2, tzinfo=UTC)


async def a_town(mongo: Mongo) -> None:
    await mongo.prepare(REPOSITORIES)
    homes = [an_account(number) for number in range(HOMES)]
    await AccountRepository(mongo, field_codec(settings())).add(homes)
    shown = ((date(2026, 1, 1), "1000"), (date(2026, 2, 1), "1200"))
    reads = [a_read(point_of(one), day, text, meter=f"M{one.number}") for one in homes for day, text in shown]
    await record_reads(reads=reads, registers=RegisterRepository(mongo), now=NOW)


@pytest.fixture(scope="module")
def database(mongo_uri: str) -> Iterator[MongoClient[dict[str, object]]]:
    with command_database(DATABASE, prepare=a_town, mongo_uri=mongo_uri):
        client: MongoClient[dict[str, object]] = MongoClient(mongo_uri)
        yield client
        client.close()


def typed(*words: str) -> object:
    outcome = CliRunner().invoke(app, ["bills", *words, "--json"])
    assert outcome.exit_code == 0, outcome.output
    return json.loads(outcome.stdout)


def test_a_run_of_two_processes_that_is_killed_is_finished_by_the_next_command(
    database: MongoClient[dict[str, object]],
) -> None:
    bills = database[DATABASE]["bills"]
    command = [sys.executable, "-c", "from gridhall.api.cli import app; app()", "bills", "run", "--json"]
    words = ["--period", "2026-01", "--region", "zhejiang", "--parallel", "2"]
    run = subprocess.Popen([*command, *words], stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - ours
    while not bills.estimated_document_count() and run.poll() is None:
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert typed("run", "--period", "2026-01", "--region", "zhejiang")
    assert len(bills.distinct("account_id")) == bills.count_documents({}) == HOMES
    assert database[DATABASE]["postings"].count_documents({"kind": "charge"}) == HOMES
    (told,) = typed("runs", "--region", "zhejiang")  # type: ignore[misc]
    assert (told["month"], told["done"], told["workers"]) == ("2026-01", f"{HOMES}/{HOMES}", "")
    assert told["finished"]


def test_a_bill_that_nobody_knows_cannot_be_rebilled(database: MongoClient[dict[str, object]]) -> None:
    assert database is not None
    unknown = "018f0000-0000-7000-8000-000000000000"
    outcome = CliRunner().invoke(app, ["bills", "rebill", unknown, "--reason", "wrong meter"])
    assert (outcome.exit_code, "there is no bill with this id" in outcome.stderr) == (2, True)


def test_a_month_that_has_not_ended_is_refused_and_no_run_is_kept(database: MongoClient[dict[str, object]]) -> None:
    month = Month.of(local_day(datetime.now(UTC), settings().time_zone))
    outcome = CliRunner().invoke(app, ["bills", "run", "--period", str(month)])
    assert (outcome.exit_code, f"--period: {month} has not ended" in outcome.stderr) == (2, True)
    assert database[DATABASE]["bill_runs"].count_documents({"month": str(month)}) == 0
