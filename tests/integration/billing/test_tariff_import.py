import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.cli import app
from gridhall.billing.tariffs.imports.operations import Imported, import_tariff, kept_fresh, refresh
from gridhall.billing.tariffs.imports.reading import read_tariff
from gridhall.billing.tariffs.imports.repository import TariffVersionRepository
from gridhall.kit.mongo import Mongo
from gridhall.metering.calendars.datafile import RuleFileError
from tests.factories.commands import command_database

NOW = datetime(2026, 11, 22, tzinfo=UTC)

SECOND = """
code = "zhejiang-residential"
region = "zhejiang"
title = { zh = "浙江居民阶梯电价", en = "Zhejiang residential, tiered" }

[[versions]]
effective_from = 2027-01-01
status = "sourced"
source = "a notice of a test"
calendar = "single"
cycle = { every = "year", starts = "01-01" }
tiers = [{ upto_kwh = "3000", surcharge = "0" }, { surcharge = "0.30", surcharge_of = { total = "0.31" } }]
prices = [{ period = "total", price = "0.55000001" }]
quantity = { step = "1", rounding = "down", carried = true }
large = { extra_kwh = "100", status = "sourced", source = "a notice of a test" }
"""
ANOTHER = SECOND.replace("zhejiang-residential", "zhejiang-shop").replace("2027-01-01", "2020-01-01")
IN_JSON = {
    "code": "hunan-shop",
    "region": "hunan",
    "title": {"zh": "湖南商业单一制", "en": "Hunan small commercial, single rate"},
    "versions": [
        {
            "effective_from": "2026-01-01",
            "status": "weak",
            "source": "a test",
            "calendar": "single",
            "cycle": {"every": "month"},
            "tiers": [{"surcharge": "0"}],
            "prices": [{"period": "total", "price": "0.7"}],
            "quantity": {"step": "1", "rounding": "down", "carried": True},
        }
    ],
}


@pytest.fixture(autouse=True)
def shipped_only() -> Iterator[None]:
    catalogue.adopt([])
    yield
    catalogue.adopt([])


@pytest.fixture
def versions(mongo: Mongo) -> TariffVersionRepository:
    return TariffVersionRepository(mongo)


class Importing:
    def __init__(self, versions: TariffVersionRepository, folder: Path) -> None:
        self.versions, self.folder = versions, folder

    async def __call__(self, text: str, *, name: str = "new.toml") -> Imported:
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        content = read_tariff(file)
        return await import_tariff(file=content, named=name, versions=self.versions, by="Lin", now=NOW)


@pytest.fixture
def bring(versions: TariffVersionRepository, tmp_path: Path) -> Importing:
    return Importing(versions, tmp_path)


class TestImporting:
    async def test_a_new_version_ends_the_one_that_was_open(self, bring: Importing) -> None:
        outcome = await bring(SECOND)
        assert outcome == Imported(
            added=("zhejiang-residential@2027-01-01",), known=(), closed="zhejiang-residential@2021-01-01"
        )
        first, second = catalogue.tariff("zhejiang-residential").versions
        assert (first.effective_to, second.effective_to) == (date(2027, 1, 1), None)
        assert catalogue.version("zhejiang-residential", on=date(2026, 12, 31)) is first
        assert catalogue.version("zhejiang-residential", on=date(2027, 1, 1)) is second

    async def test_what_was_imported_is_read_back_to_the_last_digit(
        self, bring: Importing, versions: TariffVersionRepository, tmp_path: Path
    ) -> None:
        await bring(SECOND)
        catalogue.adopt([])
        await refresh(versions=versions)
        (said,) = read_tariff(tmp_path / "new.toml").tariff().versions
        assert catalogue.tariff("zhejiang-residential").versions[-1] == said
        (kept,) = await versions.all()
        assert (kept.by, kept.at) == ("Lin", NOW)

    async def test_a_second_import_adds_nothing(self, bring: Importing) -> None:
        await bring(SECOND)
        again = await bring(SECOND)
        assert again == Imported(added=(), known=("zhejiang-residential@2027-01-01",), closed=None)

    async def test_several_versions_come_in_one_file_and_close_each_other(self, bring: Importing) -> None:
        body = SECOND[SECOND.index("[[versions]]") :]
        both = SECOND.replace("effective_from", "effective_to = 2028-01-01\neffective_from", 1)
        both += body.replace("2027-01-01", "2028-01-01")
        await bring(SECOND)
        outcome = await bring(both)
        assert (outcome.added, outcome.closed) == (
            ("zhejiang-residential@2028-01-01",),
            "zhejiang-residential@2027-01-01",
        )

    async def test_a_tariff_of_its_own_may_begin_on_any_day(self, bring: Importing) -> None:
        assert (await bring(ANOTHER)).added == ("zhejiang-shop@2020-01-01",)
        assert "zhejiang-shop" in catalogue.tariff_codes()

    async def test_json_says_the_same(self, bring: Importing) -> None:
        assert (await bring(json.dumps(IN_JSON), name="new.json")).added == ("hunan-shop@2026-01-01",)
        assert catalogue.version("hunan-shop", on=date(2026, 5, 5)).provisional

    async def test_of_many_imports_at_once_one_adds_it(self, bring: Importing) -> None:
        outcomes = await asyncio.gather(*(bring(ANOTHER) for _ in range(8)))
        assert sorted(len(one.added) for one in outcomes) == [0] * 7 + [1]


class TestRefusals:
    @pytest.mark.parametrize(
        ("sound", "broken", "complaint"),
        [
            (
                "2027-01-01",
                "2021-01-01",
                "versions.0: zhejiang-residential@2021-01-01 is there and says something else",
            ),
            ("2027-01-01", "2020-12-31", "versions.0: effective_from: 2020-12-31 must be later than 2021-01-01"),
            ('region = "zhejiang"', 'region = "hunan"', "region: zhejiang-residential is a tariff of zhejiang"),
            ('region = "zhejiang"', 'region = "mars"', "region: 'mars' is not served; there are beijing"),
            ('"0.55000001"', '"0.550000001"', "versions.0.prices.0.price: '0.550000001' is finer than 8 decimals"),
            ('"3000"', "3000", "versions.0.tiers.0.upto_kwh: write it as text"),
        ],
    )
    async def test_name_the_file_and_the_field(
        self, bring: Importing, versions: TariffVersionRepository, sound: str, broken: str, complaint: str
    ) -> None:
        assert sound in SECOND
        with pytest.raises(RuleFileError) as error:
            await bring(SECOND.replace(sound, broken))
        assert str(error.value).startswith(f"new.toml: {complaint}")
        assert await versions.all() == []

    async def test_a_version_that_is_there_never_changes(self, bring: Importing) -> None:
        await bring(SECOND)
        with pytest.raises(RuleFileError, match="is there and says something else; it is never changed"):
            await bring(SECOND.replace('"3000"', '"3001"'))
        assert catalogue.tariff("zhejiang-residential").versions[-1].tiers_in(1)[0].upto_kwh == 3000

    async def test_nor_is_one_closed_without_another_behind_it(self, bring: Importing) -> None:
        await bring(SECOND)
        with pytest.raises(RuleFileError, match="it ends where a later version begins"):
            await bring(SECOND.replace("status", "effective_to = 2029-01-01\nstatus", 1))

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("[]", "new.json: must be one object"),
            ("{", "new.json: is no JSON"),
            ('{"versions": 1}', "new.json: versions: must be a list"),
            (
                json.dumps(IN_JSON).replace("2026-01-01", "soon"),
                "new.json: versions.0.effective_from: 'soon' is not a day",
            ),
        ],
    )
    async def test_bad_json_is_told_too(self, bring: Importing, text: str, complaint: str) -> None:
        with pytest.raises(RuleFileError) as error:
            await bring(text, name="new.json")
        assert str(error.value).startswith(complaint)


async def test_another_process_knows_it_soon(bring: Importing, versions: TariffVersionRepository) -> None:
    async with kept_fresh(versions=versions, every_seconds=0.02):
        await bring(ANOTHER)
        catalogue.adopt([])  # as if another process had imported it
        for _ in range(100):
            if "zhejiang-shop" in catalogue.tariff_codes():
                break
            await asyncio.sleep(0.02)
    assert "zhejiang-shop" in catalogue.tariff_codes()


class TestTheCommand:
    @pytest.fixture
    def database(self, mongo_uri: str, worker: str) -> Iterator[str]:
        async def nothing(_mongo: Mongo) -> None: ...

        with command_database(f"tariff_command_{worker}", prepare=nothing, mongo_uri=mongo_uri) as name:
            yield name

    @pytest.mark.usefixtures("database")
    def test_brings_a_version_that_the_list_then_shows(self, tmp_path: Path) -> None:
        (tmp_path / "shop.toml").write_text(ANOTHER, encoding="utf-8")
        brought = run("import", str(tmp_path / "shop.toml"), "--by", "Lin", "--json")
        assert json.loads(brought.stdout) == {"added": ["zhejiang-shop@2020-01-01"], "known": [], "closed": None}
        catalogue.adopt([])
        assert "zhejiang-shop" in run("list", "--json").stdout
        priced = run("quote", "zhejiang-shop", "--month", "2026-10", "--kwh", "total=100", "--json")
        assert json.loads(priced.stdout)["total_fen"] == 5500

    @pytest.mark.usefixtures("database")
    def test_checks_a_file_and_keeps_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "shop.toml").write_text(ANOTHER, encoding="utf-8")
        assert (
            "checked zhejiang-shop@2020-01-01"
            in run("import", str(tmp_path / "shop.toml"), "--by", "Lin", "--check").stdout
        )
        assert "zhejiang-shop" not in run("list", "--json").stdout

    @pytest.mark.usefixtures("database")
    def test_says_which_field_is_wrong(self, tmp_path: Path) -> None:
        (tmp_path / "shop.toml").write_text(ANOTHER.replace('"0.30"', "0.30"), encoding="utf-8")
        result = run("import", str(tmp_path / "shop.toml"), "--by", "Lin")
        assert result.exit_code == 2
        assert "shop.toml: versions.0.tiers.1.surcharge: write it as text" in result.output


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", "TERM": "dumb"})
