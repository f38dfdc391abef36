"""The commands of money: the counter, the ledger, and the files of a bank."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from gridhall.billing.ledger import cli as ledger
from gridhall.billing.payments import cli as payments
from gridhall.billing.services import Billing
from gridhall.kit.keys import field_codec
from gridhall.kit.mongo import Mongo
from gridhall.kit.settings import settings
from tests.factories.accounts import an_account
from tests.factories.commands import command_database
from tests.factories.rooms import ensure_indexes

NUMBER = an_account().number
STATEMENT = f"""serial,at,amount,holder,card,text
B1,2026-11-03 10:15:00,10.00,王小明,6222001,{NUMBER}
B2,2026-11-03 10:16:00,50.00,李四,6222002,electricity
COUNT,2,TOTAL,60.00
"""


@pytest.fixture
def database(mongo_uri: str, worker: str, tmp_path: Path) -> Iterator[str]:
    async def prepare(mongo: Mongo) -> None:
        await ensure_indexes(mongo)
        chosen = settings()
        billing = Billing.open(mongo=mongo, codec=field_codec(chosen), settings=chosen)
        await billing.accounts.add([an_account()])

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDHALL_DATA_DIR", str(tmp_path))
        settings.cache_clear()
        name = f"test_money_commands_{worker}"
        with command_database(name, prepare=prepare, mongo_uri=mongo_uri, data_dir=str(tmp_path)) as opened:
            yield opened


def ran(app: object, *words: str, code: int = 0) -> dict[str, object]:
    result = CliRunner().invoke(app, [*words, "--json"])  # type: ignore[arg-type]
    assert result.exit_code == code, result.output
    told: dict[str, object] = orjson.loads(result.stdout.splitlines()[-1]) if code != 2 else {}
    return told


@pytest.mark.usefixtures("database")
def test_cash_a_statement_and_a_check_of_the_balances(tmp_path: Path) -> None:
    counter = ("counter", NUMBER, "--fen", "1500", "--receipt", "R1")
    assert ran(payments.app, *counter)["to_prepaid"] == 1500
    assert ran(payments.app, *counter)["settled"] is False
    file = tmp_path / "statement.csv"
    file.write_text(STATEMENT)
    statement = ("bank", "statement", str(file), "--region", "zhejiang")
    assert ran(payments.app, *statement) == {"matched": 1, "suspense": 1, "known": 0, "total_fen": 6000}
    assigned = ("bank", "assign", "B2", "--account", NUMBER, "--by", "li", "--reason", "asked")
    assert ran(payments.app, *assigned) == {"serial": "B2", "fen": 5000}
    assert ran(ledger.app, "check") == {"accounts": 1, "differing": 0, "shown": []}
    rows = ran(ledger.app, "statement", NUMBER)
    assert [row["prepaid after"] for row in rows] == ["75.00", "25.00", "15.00"]  # type: ignore[index,attr-defined]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("counter", NUMBER, "--fen", "99999999999999", "--receipt", "R2"), "--fen"),
        (("counter", NUMBER, "--fen", "500", "--receipt", ""), "--receipt"),
        (("bank", "statement", "/", "--region", "zhejiang"), "is a directory"),
        (("bank", "results", "/"), "is a directory"),
        (
            ("bank", "collect", "--region", "zhejiang", "--bank", "icbc", "--day", "2027-01-05", "--to", "/no/out.csv"),
            "--to: there is no folder /no",
        ),
        (
            ("bank", "collect", "--region", "zhejiang", "--bank", "no", "--day", "2027-01-05", "--to", "out.csv"),
            "--bank: no mandate of zhejiang is on 'no'; nobody there pays by a bank",
        ),
    ],
)
def test_what_nobody_can_have_meant_is_refused_by_its_name(words: tuple[str, ...], named: str) -> None:
    result = CliRunner().invoke(payments.app, list(words))
    assert (result.exit_code, named in result.output) == (2, True), result.output
    assert not Path("out.csv").exists()


@pytest.mark.usefixtures("database")
def test_balances_that_agree_are_told_without_an_empty_list() -> None:
    result = CliRunner().invoke(ledger.app, ["check"])
    assert ("differing" in result.output, "shown" in result.output) == (True, False)


@pytest.mark.usefixtures("database")
def test_a_mandate_is_signed_collected_and_ended(tmp_path: Path) -> None:
    signed = ("--card", "6222000011112222", "--holder", "王小明", "--signed", "2026-10-01")
    assert ran(payments.app, "bank", "mandate", NUMBER, "--bank", "icbc", *signed)["card"] == "*2222"
    out = tmp_path / "out.csv"
    collect = ("bank", "collect", "--region", "zhejiang", "--bank", "icbc", "--day", "2027-01-05", "--to", str(out))
    assert ran(payments.app, *collect)["items"] == 0
    assert out.stat().st_mode & 0o077 == 0
    ran(payments.app, "bank", "end-mandate", NUMBER)
    ran(payments.app, "bank", "end-mandate", NUMBER, code=2)
    ran(payments.app, "bank", "statement", str(out), "--region", "zhejiang", code=2)
