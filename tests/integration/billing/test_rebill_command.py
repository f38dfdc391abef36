"""`gridhall bills rebill` as an operator types it: a wrong read, a month that was estimated, and what explains both."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from gridhall.api.cli import app
from gridhall.billing.accounts.model import Account, TariffLink
from gridhall.billing.bills.issuing import issue_chunk
from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from tests.factories.accounts import an_account, point_of
from tests.factories.commands import command_database
from tests.factories.reads import a_read
from tests.factories.rooms import CODEC, open_rooms

JANUARY, FEBRUARY, MARCH = (Month(2026, number) for number in (1, 2, 3))
SOON, LATER = datetime(2026, 2, 5, 2, tzinfo=UTC), datetime(2026, 4, 20, 2, tzinfo=UTC)
HOME = an_account(1, region="sichuan", tariffs=(TariffLink("sichuan-residential", JANUARY.first),))


async def billed(mongo: Mongo, shown: Sequence[tuple[date, str]], months: Sequence[Month]) -> None:
    billing = (await open_rooms(mongo)).billing
    await billing.accounts.add([HOME])
    await read(mongo, HOME, shown[:2])
    for month in months:
        await issue_chunk(issuing=billing.issuing, account_ids=[HOME.id], month=month, now=LATER)
    await read(mongo, HOME, shown[2:])


async def read(mongo: Mongo, account: Account, shown: Sequence[tuple[date, str]]) -> None:
    reads = [a_read(point_of(account), day, text, meter=f"M{account.number}") for day, text in shown]
    await record_reads(reads=reads, registers=RegisterRepository(mongo), now=SOON)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridhall.billing.opening.field_codec", lambda _: CODEC)


@pytest.fixture
def corrected(mongo_uri: str, worker: str, opened: None) -> Iterator[None]:  # noqa: ARG001 - commands read with its codec
    """A home billed for January by a closing read that was corrected after."""
    shown = [(JANUARY.first, "1000"), (FEBRUARY.first, "1310"), (FEBRUARY.first, "1300")]

    async def prepare(mongo: Mongo) -> None:
        await billed(mongo, shown, [JANUARY])

    with command_database(f"test_rebill_{worker}", prepare=prepare, mongo_uri=mongo_uri):
        yield


@pytest.fixture
def estimated(mongo_uri: str, worker: str, opened: None) -> Iterator[None]:  # noqa: ARG001 - commands read with its codec
    """A home billed for January by reads and for February by an estimate, which was read again as April began."""
    shown = [(JANUARY.first, "1000"), (FEBRUARY.first, "1310"), (MARCH.shift(1).first, "1605")]

    async def prepare(mongo: Mongo) -> None:
        await billed(mongo, shown, [JANUARY, FEBRUARY])

    with command_database(f"test_settle_{worker}", prepare=prepare, mongo_uri=mongo_uri):
        yield


def told(*words: str) -> Any:  # noqa: ANN401 - whatever the command tells
    result = CliRunner().invoke(app, [*words, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def rebilled(month: Month) -> list[dict[str, str]]:
    number = f"{month.year}{month.number:02d}{HOME.number}1"
    found: list[dict[str, str]] = told("bills", "rebill", number, "--reason", "the photo shows another", "--by", "han")[
        "bills"
    ]
    return found


@pytest.mark.usefixtures("corrected")
def test_a_wrong_bill_is_swapped_and_both_explain_themselves() -> None:
    (row,) = rebilled(JANUARY)
    assert (row["month"], row["kwh"]) == ("2026-01", "310 -> 300")
    taken_back, new = (told("bills", "explain", row[which]) for which in ("cancelled", "new"))
    assert (taken_back["agrees"], new["agrees"]) == (True, True)
    assert "已冲红作废" in taken_back["steps"][0]["text"]
    assert "替代一张已冲红的账单" in new["steps"][0]["text"]


@pytest.mark.usefixtures("estimated")
def test_a_catch_up_names_the_month_that_it_billed_as_well() -> None:
    february = f"202602{HOME.number}1"
    assert "暂结账单" in told("bills", "explain", february)["steps"][0]["text"]
    settled, added = rebilled(FEBRUARY)
    assert (settled["month"], settled["cancelled"], settled["kwh"]) == ("2026-02", february, "280 -> 140")
    assert (added["month"], added["cancelled"], added["kwh"]) == ("2026-03", "", "155")
    for row in (settled, added):
        explained = told("bills", "explain", row["new"])
        assert explained["agrees"]
        assert any("按天分摊到各月" in step["text"] for step in explained["steps"])
