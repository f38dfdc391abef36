"""What a reviewer does from a terminal: see the queue, take, release with a second person, reject, board, explain."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gridhall.api.cli import app
from gridhall.billing.bills.holds import hold_from
from gridhall.billing.bills.model import Bill, BillStatus, Finding
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill
from tests.factories.commands import command_database
from tests.factories.rooms import CODEC, open_rooms

LARGE, SMALL, ISSUED = an_account(1), an_account(2), an_account(3)
FINDING = Finding("jumped_against_last_month", (("kwh", "20000"), ("previous", "240")))


def bills() -> list[Bill]:
    hold = hold_from(date(2026, 9, 1))
    return [
        a_bill(LARGE, "2026-10", 20_000, status=BillStatus.HELD, findings=(FINDING,), hold=hold),
        a_bill(SMALL, "2026-10", 300, status=BillStatus.HELD, findings=(FINDING,), hold=hold),
        a_bill(ISSUED, "2026-10", 200),
    ]


@pytest.fixture
def kept(mongo_uri: str, worker: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Bill]]:
    made = bills()

    async def prepare(mongo: Mongo) -> None:
        billing = (await open_rooms(mongo)).billing
        await billing.accounts.add([LARGE, SMALL, ISSUED])

        async def write(transaction: Transaction) -> None:
            await billing.bills.add(made, transaction=transaction)

        await mongo.transact(write)

    monkeypatch.setattr("gridhall.billing.opening.field_codec", lambda _: CODEC)
    with command_database(f"test_review_{worker}", prepare=prepare, mongo_uri=mongo_uri):
        yield made


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def told(*words: str) -> Any:  # noqa: ANN401 - whatever the command tells
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_reviewers_day(kept: list[Bill]) -> None:
    large, small, _ = (str(bill.id) for bill in kept)
    queue = told("bills", "held", "--region", "zhejiang")
    assert {row["id"] for row in queue} == {large, small}
    assert queue[0]["due"].endswith("overdue")
    assert run("bills", "assign", large, "--owner", "li.na", "--by", "han").exit_code == 0
    assert [row["id"] for row in told("bills", "held", "--owner", "li.na")] == [large]

    assert run("bills", "release", small, "--reviewer", "han", "--reason", "seen the house").stdout.startswith("issued")
    prepared = run("bills", "release", large, "--reviewer", "han", "--reason", "seen the house")
    assert "another person approves it" in prepared.stdout
    (request,) = told("approvals", "list", "--kind", "release")
    for barred in ("han", "li.na"):
        assert run("approvals", "approve", request["id"], "--by", barred, "--reason", "it is right").exit_code == 2
    assert run("approvals", "refuse", request["id"], "--by", "wu", "--reason", "ask the customer").exit_code == 0
    assert told("bills", "held")[0]["stands"] == "sent back by wu: ask the customer"
    assert run("bills", "reject", large, "--reviewer", "han", "--reason", "misread").exit_code == 0
    assert run("bills", "reject", large, "--reviewer", "han", "--reason", "misread").exit_code == 2
    assert told("bills", "held") == []

    board = told("bills", "board", "--region", "zhejiang", "--period", "2026-10")
    standing = {row["stage"]: row["count"] for row in board["stages"] if row["count"]}
    assert board["accounts"] == 3
    assert sum(standing.values()) == 3
    assert standing["sent_back"] == 1
    (why,) = told("bills", "board", "--region", "zhejiang", "--period", "2026-10", "--stage", "sent_back")
    assert (why["account"], why["with"], why["why"]) == (LARGE.number, "han", "sent_back: misread")


def test_a_bill_is_explained_by_number_and_by_id(kept: list[Bill]) -> None:
    bill = kept[2]
    by_number, by_id = told("bills", "explain", bill.number), told("bills", "explain", str(bill.id))
    assert by_number == by_id
    assert by_number["agrees"] is True
    assert "合计" in run("bills", "explain", bill.number).stdout
    assert "Line by line" in run("bills", "explain", bill.number, "--english").stdout
    for unknown in ("2026-10", "20261000000", "x"):
        assert run("bills", "explain", unknown).exit_code == 2


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("bills", "board", "--region", "atlantis", "--period", "2026-10"), "--region"),
        (("bills", "board", "--region", "zhejiang", "--period", "October"), "--period"),
        (("bills", "held", "--region", "atlantis"), "--region"),
        (("field", "requests", "--region", "atlantis"), "--region"),
        (("field", "look", "--region", "atlantis"), "--region"),
        (("approvals", "list", "--region", "atlantis"), "--region"),
        (("cases", "list", "--region", "atlantis"), "--region"),
    ],
)
def test_a_word_that_means_nothing_is_named(words: tuple[str, ...], named: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert named in result.output


def test_there_are_no_cases_to_begin_with(kept: list[Bill]) -> None:
    assert kept
    assert told("cases", "list") == []
