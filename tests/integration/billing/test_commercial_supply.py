"""A supplier brings commercial tariffs as docs/tariffs.md says, is billed by them, and has its own bills compared.

The files are those of the page, whose prices are made up.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from typer.testing import CliRunner

from gridhall.api.cli import app
from gridhall.billing import regions as served
from gridhall.billing.accounts.model import Account
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.billing.services import REPOSITORIES
from gridhall.billing.tariffs import catalogue as tariffs
from gridhall.kit.keys import field_codec
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import settings
from gridhall.metering.calendars import catalogue as calendars
from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from tests.factories.accounts import an_account, point_of
from tests.factories.bills import MADE_AT, a_bill_drafted
from tests.factories.commands import command_database
from tests.factories.reads import a_read
from tests.factories.supplier_bills import shadow_regions, told, write_csv

PAGE = Path(__file__).parents[3] / "docs" / "tariffs.md"
CALENDAR, SINGLE, BY_TIME = "example-commercial-tou", "zhejiang-commercial-example", "zhejiang-commercial-tou-example"
SINCE = date(2026, 7, 1)
DAYS = (SINCE, date(2026, 8, 1), date(2026, 9, 1))

SHOP = an_account(1, tariff=SINGLE, kept_since=SINCE)
WORKSHOP = an_account(2, tariff=BY_TIME, kept_since=SINCE)
FACTORY = an_account(3, tariff="zhejiang-two-part", kept_since=SINCE)
"""Its tariff asks for demand and power factor, so nobody can bring it."""


def shown(account: Account, used: Mapping[str, int]) -> list[RegisterRead]:
    """Reads of a meter that counted so much in July, and as much again in August."""
    return [
        a_read(point_of(account), day, {of: f"{1000 + kwh * months}.00" for of, kwh in used.items()})
        for months, day in enumerate(DAYS)
    ]


OF_SHOP = shown(SHOP, {"total": 1000})
OF_WORKSHOP = shown(WORKSHOP, {"critical_peak": 100, "peak": 200, "flat": 300, "valley": 400})


def written(folder: Path) -> Path:
    """Write the files of the page, each under the name that its first line says."""
    for name, text in re.findall(r"```toml\n# (\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def files(tmp_path: Path) -> Path:
    own = tmp_path / "calendars"
    own.mkdir()
    (written(tmp_path) / f"{CALENDAR}.toml").rename(own / f"{CALENDAR}.toml")
    return tmp_path


@pytest.fixture
def bills(files: Path, mongo_uri: str, worker: str) -> Iterator[Collection[dict[str, Any]]]:
    """The collection of bills, of a database with three accounts and their reads."""

    async def prepare(mongo: Mongo) -> None:
        await mongo.prepare(REPOSITORIES)
        await AccountRepository(mongo, field_codec(settings())).add([SHOP, WORKSHOP, FACTORY])
        await record_reads(reads=[*OF_SHOP, *OF_WORKSHOP], registers=RegisterRepository(mongo), now=MADE_AT)

    def forget() -> None:
        calendars._own.cache_clear()
        tariffs.adopt([])

    forget()
    own = str(files / "calendars")
    with command_database(f"commercial_{worker}", prepare=prepare, mongo_uri=mongo_uri, calendars=own) as name:
        client: MongoClient[dict[str, Any]] = MongoClient(mongo_uri, uuidRepresentation="standard")
        yield client[name]["bills"]
        client.close()
    forget()


def typed(*words: str, code: int = 0) -> Any:  # noqa: ANN401 - whatever the command prints
    outcome = CliRunner().invoke(app, [*words, "--json"])
    assert outcome.exit_code == code, outcome.output
    return json.loads(outcome.stdout)


def as_told(account: Account, reads: Sequence[RegisterRead], number: str) -> dict[str, Any]:
    july = a_bill_drafted(account, "2026-07", *reads[:2])
    return told(a_bill_drafted(account, "2026-08", *reads[1:], earlier=[july]), account.number, number)


def a_two_part_bill() -> dict[str, Any]:
    return {
        "number": "SAP-3",
        "account": FACTORY.number,
        "month": "2026-08",
        "from": "2026-08-01",
        "to": "2026-09-01",
        "issued_on": "2026-09-02",
        "total": "4605.80",
        "lines": [{"kind": "energy", "period": "total", "kwh": "100", "price": "0.80", "amount": "80.00"}],
        "charges": [
            {
                "kind": "demand",
                "title": "需量电费",
                "quantity": "120",
                "unit": "kW",
                "price": "38",
                "amount": "4560.00",
            },
            {"kind": "power_factor", "title": "力调电费", "amount": "-34.20"},
        ],
    }


def test_a_supplier_brings_its_commercial_tariffs_is_billed_by_them_and_compares_its_own_bills(
    bills: Collection[dict[str, Any]],
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for code in (SINGLE, BY_TIME):
        brought = typed("tariff", "import", str(files / f"{code}.toml"), "--by", "Lin")
        assert brought == {"added": [f"{code}@2026-01-01"], "known": [], "closed": None}
    listed = {one["code"]: one for one in typed("tariff", "list")}
    assert {listed[code]["supply"] for code in (SINGLE, BY_TIME)} == {"commercial"}

    # It issues July itself; the two-part tariff waits.
    run = typed("bills", "run", "--period", "2026-07", "--region", "zhejiang")
    assert run == {"issued": 2, "held": 0, "waiting": 1, "already": 0}
    totals = {bill["account_id"]: bill["total"] for bill in bills.find()}
    by_time = 150_00 + 250_00 + 240_00 + 140_00
    assert totals == {SHOP.id: 812_50, WORKSHOP.id: by_time}

    # August comes from its billing system: one agrees, one has a wrong price, one is shown as told.
    monkeypatch.setattr(served, "regions", shadow_regions("zhejiang"))
    right, wrong = as_told(SHOP, OF_SHOP, "SAP-1"), as_told(WORKSHOP, OF_WORKSHOP, "SAP-2")
    valley = next(line for line in wrong["lines"] if line["period"] == "valley")
    valley |= {"price": "0.45", "amount": "180.00"}
    wrong["total"] = "820.00"
    delivery = write_csv(files / "bills.csv", [right, wrong, a_two_part_bill()])
    taken = typed("bills", "import", str(delivery))
    assert (taken["accepted"], taken["verified"], taken["differing"], taken["refused"]) == (3, 1, 1, 0)
    of_august = ("--period", "2026-08", "--region", "zhejiang")
    rows = [(row["number"], row["verdict"], row["what"], row["where"]) for row in typed("shadow", "list", *of_august)]
    assert rows == [
        ("SAP-1", "verified", "", ""),
        ("SAP-2", "differs", "line.price", "energy valley tier 1"),
        ("SAP-2", "differs", "line.amount", "energy valley tier 1"),
        ("SAP-2", "differs", "total", ""),
        ("SAP-3", "not_calculated", "two_part_tariff", ""),
    ]
    assert {bill["total"] for bill in bills.find({"month": "2026-08"})} == {812_50, 820_00, 4_605_80}
