"""`gridhall arrears`: what is overdue, whom to see first, and the file for the legal route."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gridhall.api.cli import app
from gridhall.billing.arrears.following import bills_issued
from gridhall.billing.ledger.operations import post
from gridhall.billing.ledger.postings import charge
from gridhall.billing.supply.model import SupplyKind, requests_for
from gridhall.kit.clock import SystemClock
from gridhall.kit.localdays import local_day
from gridhall.kit.mongo import Mongo, Transaction
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill
from tests.factories.commands import command_database
from tests.factories.rooms import open_rooms

run = CliRunner().invoke
ACCOUNT = an_account(1)
TODAY = local_day(SystemClock().now(), "Asia/Shanghai")


async def _prepare(mongo: Mongo) -> None:
    rooms = await open_rooms(mongo)
    billing, now = rooms.billing, SystemClock().now()
    await billing.accounts.add([ACCOUNT])
    bill = a_bill(ACCOUNT, "2026-06", due_on=TODAY - timedelta(days=45))

    async def write(transaction: Transaction) -> None:
        await billing.bills.add([bill], transaction=transaction)
        await bills_issued(following=billing.arrears.following, bills=[bill], transaction=transaction)
        posting = charge(account=ACCOUNT, bill_id=bill.id, total=bill.total, now=now)
        await post(postings=[posting], ledger=billing.ledger, accounts=billing.accounts, transaction=transaction)
        cut = requests_for(
            ACCOUNT,
            kind=SupplyKind.DISCONNECT,
            cause="approved",
            reason="arrears",
            by="zhao",
            now=now,
            not_before=now + timedelta(days=3),
        )
        await billing.arrears.following.supply.ask(cut, transaction=transaction)

    await mongo.transact(write)


@pytest.fixture
def database(mongo_uri: str, worker: str) -> Iterator[str]:
    key = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
    name = f"test_arrears_command_{worker}"
    with command_database(name, prepare=_prepare, mongo_uri=mongo_uri, field_key=key) as chosen:
        yield chosen


def told(*arguments: str) -> object:
    result = run(app, ["arrears", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_commands_of_arrears_from_the_scan_to_the_file(database: str, tmp_path: Path) -> None:
    del database
    assert told("scan", "--region", "zhejiang", "--json") == {"reminded": 1, "proposed": 0}
    assert told("scan", "--region", "zhejiang", "--json") == {"reminded": 0, "proposed": 0}
    shown = told("aging", "--region", "zhejiang", "--json")
    assert isinstance(shown, dict)
    assert [(one["age"], one["bills"]) for one in shown["aging"]] == [("31-60", 1)]
    (row,) = told("queue", "--region", "zhejiang", "--json")  # type: ignore[misc]
    assert (row["account"], row["chance"], row["why"]) == (ACCOUNT.number, "0.60", "age days 45")
    account = told("show", ACCOUNT.number, "--json")
    assert isinstance(account, dict)
    assert account["state"] == "overdue"
    asked = ["arrears", "file", ACCOUNT.number, "--by", "zhao"]
    assert run(app, [*asked, "--reason", "诉讼立案", "--to", str(tmp_path / "absent")]).exit_code == 2
    unsaid = run(app, [*asked, "--reason", "–", "--to", str(tmp_path)])
    assert (unsaid.exit_code, "4 to 200 characters" in unsaid.output) == (2, True)
    result = run(app, [*asked, "--reason", "诉讼立案", "--to", str(tmp_path)])
    assert result.exit_code == 0, result.output
    (path,) = tmp_path.iterdir()
    assert path.name == f"arrears-{ACCOUNT.number}-{TODAY}.zip"
    with zipfile.ZipFile(path) as archive:
        whole = json.loads(archive.read("file.json"))
        assert archive.read("file.pdf").startswith(b"%PDF")
        rows = list(csv.reader(io.StringIO(archive.read("history.csv").decode("utf-8-sig"))))
    assert whole["complete"] is True
    assert [notice["kind"] for notice in whole["notices"]] == ["disconnection"]
    assert len(whole["bills"]) == len(whole["postings"]) == 1
    assert date.fromisoformat(whole["made_on"]) == TODAY
    assert rows[1][1:4] == ["system", "fell_overdue", "overdue"]


def test_a_cut_that_waits_for_its_hour_is_listed_with_it(database: str) -> None:
    del database
    (row,) = json.loads(run(app, ["field", "requests", "--region", "zhejiang", "--json"]).stdout)
    assert (row["kind"], row["state"]) == ("disconnect", "asked")
    assert row["not before"].startswith(f"{SystemClock().now() + timedelta(days=3):%Y-%m-%d}")


def test_an_outage_is_noted_and_what_ends_before_it_begins_is_refused(database: str) -> None:
    del database
    noted = ["arrears", "outage", "wechatpay", "--from", "2026-10-03T22:00", "--by", "zhao"]
    assert run(app, [*noted, "--to", "2026-10-04T01:00"]).exit_code == 0
    assert run(app, [*noted, "--to", "2026-10-03T21:00"]).exit_code == 2
    misspelt = run(app, ["arrears", "outage", "wechatpey", "--from", "2026-10-05T22:00", "--by", "zhao"])
    assert (misspelt.exit_code, "wechatpay" in misspelt.output) == (2, True)
    for channel in ("online", "counter", "bank"):
        assert run(app, ["arrears", "outage", channel, *noted[3:]]).exit_code == 0
    listed = told("outages", "--days", "3650", "--json")
    assert isinstance(listed, list)
    assert sorted(one["channel"] for one in listed) == ["bank", "counter", "online", "wechatpay"]
    assert next(one for one in listed if one["channel"] == "wechatpay") == {
        "channel": "wechatpay",
        "from": "2026-10-03T22:00",
        "to": "2026-10-04T01:00",
        "by": "zhao",
        "note": "",
    }
    assert run(app, ["arrears", "aging", "--region", "nowhere"]).exit_code == 2
