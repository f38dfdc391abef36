import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gridhall.billing.tariffs.cli import app
from gridhall.kit.settings import settings

AUGUST = ("quote", "zhejiang-residential-tou", "--month", "2024-08", "--kwh", "peak=377,valley=410")
SHAANXI = ("quote", "shaanxi-residential", "--month", "2024-08")


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Commands read imported tariffs where there is a database; here is none."""
    monkeypatch.setenv("GRIDHALL_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("GRIDHALL_MONGO_URI", raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", "TERM": "dumb"})


def answer(*arguments: str) -> Any:  # noqa: ANN401 - whatever the command printed
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


class TestQuote:
    def test_a_month_is_priced_as_json(self) -> None:
        found = answer(*AUGUST, "--used-before", "2627")
        assert list(found) == ["lines", "total_fen"]
        assert found["total_fen"] == 36492
        assert found["lines"][2] == {
            "kind": "surcharge",
            "period": None,
            "tier": 2,
            "kwh": "654",
            "price": "0.05",
            "amount_fen": 3270,
            "version": None,
            "days": None,
        }

    def test_a_single_rate_takes_the_total(self) -> None:
        assert answer(*SHAANXI, "--kwh", "total=2200", "--used-before", "2100")["total_fen"] == 122826

    def test_a_person_reads_it_in_both_languages(self) -> None:
        output = run(*AUGUST, "--used-before", "2627").output
        assert all(words in output for words in ("峰 peak", "谷 valley", "第2档加价", "364.92", "proven"))

    def test_a_household_is_priced_as_what_it_is(self) -> None:
        found = answer(*SHAANXI, "--kwh", "total=2200", "--household", "heating_exempt", "--household", "subsidised")
        assert found["lines"][-1]["kind"] == "allowance"
        shares = {line["tier"]: line["kwh"] for line in found["lines"] if line["kind"] == "surcharge"}
        assert shares == {2: "940"}

    @pytest.mark.parametrize(
        ("arguments", "option", "allowed"),
        [
            (("quote", "mars", "--month", "2024-08", "--kwh", "total=1"), "TARIFF", "there are beijing-residential"),
            (("quote", "shaanxi-residential", "--month", "8/24", "--kwh", "total=1"), "--month", "write it like"),
            (("quote", "shaanxi-residential", "--month", "1999-08", "--kwh", "total=1"), "--month", "from 2020-07-01"),
            ((*SHAANXI, "--kwh", "total=1", "--household", "large"), "--household", "offer anything to large"),
            ((*SHAANXI, "--kwh", "total=1", "--household", "rich"), "--household", "heating_exempt"),
            ((*SHAANXI, "--kwh", "peak=1"), "--kwh", "needs kWh for exactly total"),
            ((*SHAANXI, "--kwh", "2200"), "--kwh", "write peak=377,valley=410"),
            ((*SHAANXI, "--kwh", "total=1,total=2"), "--kwh", "give each period once"),
            ((*SHAANXI, "--kwh", "total=-1"), "--kwh", "give 0 or more"),
            ((*SHAANXI, "--kwh", "total=1e9"), "--kwh", "below 1000000000"),
            ((*SHAANXI, "--kwh", "total=NaN"), "--kwh", "not a finite number"),
            ((*SHAANXI, "--kwh", "total=0.0001"), "--kwh", "at most 3 decimals"),
            ((*SHAANXI, "--kwh", "total=1", "--used-before", "many"), "--used-before", "at most 3 decimals"),
        ],
    )
    def test_bad_input_is_told_by_option_and_what_is_allowed(
        self, arguments: tuple[str, ...], option: str, allowed: str
    ) -> None:
        result = run(*arguments)
        assert result.exit_code == 2
        assert option in result.output
        assert allowed in result.output
        assert "Traceback" not in result.output


class TestListAndShow:
    def test_the_list_names_every_tariff_with_its_status(self) -> None:
        assert {one["code"]: one["versions"][0]["status"] for one in answer("list")}["sichuan-residential"] == "weak"

    def test_a_tariff_is_shown_with_its_source(self) -> None:
        found = answer("show", "shaanxi-residential-tou", "--on", "2026-10-01")
        assert found["cycle"] == {"every": "year", "starts": "07-01"}
        assert found["tiers"][1] == {"months": list(range(1, 13)), "upto_kwh": "4200", "surcharge": "0.05"}
        assert "GitHub" in found["source"]

    def test_a_person_sees_the_whole_price_of_each_tier(self) -> None:
        output = run("show", "sichuan-residential-tou").output
        assert all(words in output for words in ("0.5535", "0.4750", "provisional", "来源 Source"))

    def test_tiers_of_a_season_are_shown_with_their_months(self) -> None:
        output = run("show", "guangzhou-residential-tou").output
        assert all(
            words in output for words in ("200-400 kWh 1,2,3,4,11,12月", "260-600 kWh 5,6,7,8,9,10月", "0.22914475")
        )
        found = answer("show", "guangzhou-residential")
        assert [(tier["months"][0], tier["upto_kwh"]) for tier in found["tiers"]] == [
            (5, "260"), (5, "600"), (5, None), (1, "200"), (1, "400"), (1, None),
        ]  # fmt: skip

    def test_a_person_reads_the_list(self) -> None:
        assert "浙江居民峰谷阶梯电价" in run("list").output

    def test_a_day_that_is_none_is_refused(self) -> None:
        result = run("show", "sichuan-residential", "--on", "yesterday")
        assert result.exit_code == 2
        assert "--on" in result.output
