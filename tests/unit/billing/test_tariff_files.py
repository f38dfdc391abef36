from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from gridhall.billing.regions import regions
from gridhall.billing.tariffs.catalogue import (
    NoVersionInForceError,
    UnknownTariffError,
    load_tariff,
    tariff,
    tariff_codes,
    version,
    version_named,
)
from gridhall.billing.tariffs.model import Tariff
from gridhall.metering.calendars.datafile import RuleFileError

SOUND = """
code = "lab"
region = "lab"
title = { zh = "试验", en = "Lab" }

[[versions]]
effective_from = 2020-01-01
effective_to = 2022-01-01
status = "background"
source = "a test"
calendar = "single"
cycle = { every = "year", starts = "07-01" }
tiers = [{ upto_kwh = "100", surcharge = "0" }, { surcharge = "0.30" }]
prices = [{ period = "total", price = "0.58886875" }]
quantity = { step = "1", rounding = "down", carried = true }
"""
SURE = 'status = "background", source = "a test"'
NEXT = SOUND[SOUND.index("[[versions]]") :].replace("2022-01-01", "2025-01-01").replace("2020-01-01", "2022-01-01")
BY_SEASON = SOUND.replace('every = "year", starts = "07-01"', 'every = "month"').replace(
    'tiers = [{ upto_kwh = "100", surcharge = "0" }, { surcharge = "0.30" }]',
    """tiers = [
        { months = "5-10", upto_kwh = "260", surcharge = "0" },
        { months = "11-4", upto_kwh = "200", surcharge = "0" },
        { months = "5-10", surcharge = "0.30" },
        { months = "11-4", surcharge = "0.10" },
    ]""",
)

Load = Callable[[str], Tariff]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def write(text: str) -> Tariff:
        file = tmp_path / "lab.toml"
        file.write_text(text, encoding="utf-8")
        return load_tariff(file)

    return write


class TestATariffFile:
    def test_a_price_keeps_its_eight_decimals(self, load: Load) -> None:
        assert str(load(SOUND).versions[0].price("total", month=5)) == "0.58886875"

    def test_versions_follow_each_other(self, load: Load) -> None:
        found = load(SOUND + NEXT)
        assert [one.id for one in found.versions] == ["lab@2020-01-01", "lab@2022-01-01"]

    @pytest.mark.parametrize(
        ("sound", "broken", "complaint"),
        [
            ('"0.58886875"', "0.58886875", "versions.0.prices.0.price: write it as text"),
            ('"0.58886875"', '"0.588868751"', "versions.0.prices.0.price: '0.588868751' is finer than 8 decimals"),
            ('"0.58886875"', '"-1"', "versions.0.prices.0.price: -1 is below zero"),
            ('"0.58886875"', '"cheap"', "versions.0.prices.0.price: 'cheap' is not a decimal number"),
            ('period = "total"', 'period = "peak"', "versions.0: prices: peak is no period of single, which has total"),
            ("price = ", 'months = "1-11", price = ', "versions.0: prices: total has 0 prices in month 12"),
            ('"single"', '"mars"', "versions.0.calendar: calendar 'mars' is not known; there are"),
            ('"07-01"', '"13-01"', "versions.0.cycle.starts: '13-01' is no day of the year"),
            ('"07-01"', '"01-31"', "versions.0.cycle.starts: '01-31': a cycle starts on the 28th"),
            (
                '"100", surcharge = "0"',
                '"0", surcharge = "0"',
                "versions.0.tiers: tier 1: upto_kwh must be more than 0",
            ),
            (
                '{ surcharge = "0.30"',
                '{ upto_kwh = "200", surcharge = "0.30"',
                "versions.0.tiers: the last tier has no",
            ),
            ('"100", surcharge = "0"', '"100", surcharge = "1"', "versions.0.tiers: the first tier has no surcharge"),
            ('"background"', '"sure"', "versions.0.status: Input should be 'proven', 'sourced'"),
            ('upto_kwh = "100"', 'months = "1-6", upto_kwh = "100"', "versions.0.tiers: the last tier has no upto"),
            (
                '{ surcharge = "0.30"',
                '{ months = "1-2", surcharge = "0"',
                "versions.0.tiers: the last tier has no upto",
            ),
            (
                "tiers = [",
                'tiers = [{ months = "3", surcharge = "0" }, ',
                "versions.0.tiers: month 3 has 2 sets of tiers",
            ),
            ("effective_to = 2022", "effective_to = 2019", "versions.0: effective_to: must be later than 2020-01-01"),
            ('step = "1"', 'step = "0"', "versions.0.quantity.step: Input should be greater than 0"),
            ("source =", "sauce =", "versions.0.source: Field required"),
            (
                "calendar =",
                'unsourced = ["tiers"]\ncalendar =',
                "versions.0.unsourced.0: Input should be 'first_day' or",
            ),
            ("quantity =", 'large = { extra_kwh = "100" }\nquantity =', "versions.0.large.status: Field required"),
            (
                "quantity =",
                f'allowance = {{ kwh = "0", {SURE} }}\nquantity =',
                "versions.0.allowance.kwh: Input should be gr",
            ),
            (
                "quantity =",
                f'heating = {{ months = "11-3", tiers = [{{ upto_kwh = "9", surcharge = "0" }}], {SURE} }}\nquantity =',
                "versions.0.heating.tiers: the last tier has no upto_kwh",
            ),
            (
                '{ surcharge = "0.30"',
                '{ surcharge_of = { peak = "0.1" }, surcharge = "0.30"',
                "versions.0: tiers: surcharge_of: peak is no period of single",
            ),
            ('code = "lab"', 'code = "other"', "code: 'other' must be the name of the file"),
        ],
    )
    def test_a_mistake_is_named_by_file_and_field(self, load: Load, sound: str, broken: str, complaint: str) -> None:
        assert sound in SOUND
        with pytest.raises(RuleFileError) as error:
            load(SOUND.replace(sound, broken))
        assert str(error.value).startswith(f"lab.toml: {complaint}")

    def test_tiers_may_differ_by_months(self, load: Load) -> None:
        found = load(BY_SEASON).versions[0]
        assert [found.tiers_in(month)[0].upto_kwh for month in (4, 5, 10, 11)] == [200, 260, 260, 200]

    def test_but_not_within_a_yearly_cycle(self, load: Load) -> None:
        with pytest.raises(RuleFileError, match=r"versions\.0: tiers: they may differ by months only where the cycle"):
            load(BY_SEASON.replace('every = "month"', 'every = "year"'))

    def test_no_month_is_without_tiers(self, load: Load) -> None:
        with pytest.raises(RuleFileError, match=r"versions\.0\.tiers: month 4 has 0 sets of tiers; it must have one"):
            load(BY_SEASON.replace("11-4", "11-3"))

    def test_versions_do_not_overlap(self, load: Load) -> None:
        with pytest.raises(RuleFileError, match="versions: version 2: effective_from lies before the end"):
            load(SOUND + NEXT.replace("2022-01-01", "2021-12-31"))


class TestCatalogue:
    def test_every_region_that_is_served_has_a_tariff_and_every_tariff_a_region(self) -> None:
        assert {tariff(code).region for code in tariff_codes()} == set(regions())

    def test_what_has_no_good_source_is_provisional(self) -> None:
        assert version("zhejiang-residential-tou", on=date(2026, 1, 1)).doubts == ("hours", "first_day")
        assert version("jiangsu-residential-tou", on=date(2026, 1, 1)).doubts == ("prices", "hours", "first_day")
        assert version("hunan-residential", on=date(2026, 1, 1)).doubts == ("first_day", "seasons")

    def test_a_version_with_a_source_for_everything_is_not(self, load: Load) -> None:
        assert not load(SOUND.replace('"background"', '"sourced"')).versions[0].provisional

    def test_every_version_says_where_it_comes_from(self) -> None:
        assert all(one.source and one.note for code in tariff_codes() for one in tariff(code).versions)

    def test_a_version_is_found_by_its_day_and_by_the_name_a_bill_keeps(self) -> None:
        found = version("zhejiang-residential", on=date(2026, 10, 31))
        assert version_named(found.id) is found

    def test_a_day_before_the_first_version_is_refused(self) -> None:
        with pytest.raises(NoVersionInForceError, match="not known on 2010-01-01; it is from 2021-01-01 to now"):
            version("zhejiang-residential", on=date(2010, 1, 1))

    @pytest.mark.parametrize("name", ["mars-residential", "zhejiang-residential@1999-01-01"])
    def test_an_unknown_name_is_answered_with_those_that_exist(self, name: str) -> None:
        with pytest.raises(UnknownTariffError, match="is not known; there are beijing-residential"):
            version_named(name)
