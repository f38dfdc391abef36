"""The commands of shadow mode, as an engineer of the supplier gives them."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gridhall.api.cli import app
from gridhall.billing import regions as served
from gridhall.billing.accounts.repository import AccountRepository
from gridhall.kit.keys import field_codec
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import settings
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository
from tests.factories.accounts import an_account, point_of
from tests.factories.bills import MADE_AT, a_bill_drafted
from tests.factories.commands import command_database
from tests.factories.reads import a_read
from tests.factories.supplier_bills import shadow_regions, told, write_csv

ACCOUNT = an_account(1)
READS = [
    a_read(point_of(ACCOUNT), day, shown, meter="M1")
    for day, shown in ((date(2026, 1, 1), "1000.00"), (date(2026, 2, 1), "1200.00"))
]
OF_JANUARY = ("--period", "2026-01", "--region", "zhejiang", "--json")


@pytest.fixture(scope="module", autouse=True)
def database(mongo_uri: str, worker: str) -> Iterator[None]:
    async def prepare(mongo: Mongo) -> None:
        await AccountRepository(mongo, field_codec(settings())).add([ACCOUNT])
        await record_reads(reads=READS, registers=RegisterRepository(mongo), now=MADE_AT)

    with command_database(f"shadow_command_{worker}", prepare=prepare, mongo_uri=mongo_uri):
        yield


@pytest.fixture(autouse=True)
def in_shadow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "regions", shadow_regions("zhejiang"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_bills_are_imported_compared_and_listed_and_what_is_wrong_is_told(tmp_path: Path) -> None:
    good = told(a_bill_drafted(ACCOUNT, "2026-01", *READS), ACCOUNT.number, "SAP-1")
    file = write_csv(tmp_path / "bills.csv", [good, {**good, "number": "SAP-2", "account": "3301009999999"}])
    taken = run("bills", "import", str(file), "--json")
    assert taken.exit_code == 1, taken.output
    counted = json.loads(taken.stdout)
    assert (counted["accepted"], counted["verified"], counted["refused"]) == (1, 1, 1)
    assert "SAP-2: account: no such account here" in taken.stderr

    compared = json.loads(run("shadow", "compare", *OF_JANUARY, "--again").stdout)
    assert (compared["looked_at"], compared["verified"], compared["differs"]) == (1, 1, 0)
    [listed] = json.loads(run("shadow", "list", *OF_JANUARY).stdout)
    assert (listed["number"], listed["verdict"]) == ("SAP-1", "verified")
    [kept] = json.loads(run("shadow", "refused", "--json").stdout)
    assert (kept["code"], kept["field"], kept["line"]) == ("unknown-account", "account", 4)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("shadow", "compare", "--period", "October", "--region", "zhejiang"), "period: 'October' is no month"),
        (("shadow", "compare", "--period", "2026-01", "--region", "mars"), "--region: 'mars' is not served"),
    ],
)
def test_a_wrong_option_is_named(arguments: tuple[str, ...], said: str) -> None:
    outcome = run(*arguments)
    assert outcome.exit_code == 2
    assert said in outcome.stderr


def test_a_file_that_is_no_delivery_is_refused_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear all,\nno bills today\n")
    outcome = run("bills", "import", str(file))
    assert outcome.exit_code == 2
    assert "the first row must name the columns" in outcome.stderr
