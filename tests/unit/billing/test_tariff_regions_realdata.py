"""Every figure of every region that was collected, against the tariff we ship; a figure nobody compares fails."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gridhall.billing.tariffs.catalogue import tariff_codes, version
from gridhall.billing.tariffs.model import TariffVersion
from gridhall.billing.tariffs.tiers import Tier
from gridhall.metering.calendars import calendar
from gridhall.metering.calendars.hours import parse_hours

pytestmark = pytest.mark.realdata

NINE = {
    "zhejiang": "zhejiang",
    "sichuan": "sichuan",
    "shaanxi": "shaanxi",
    "guangdong_guangzhou": "guangzhou",
    "guangdong_shenzhen": "shenzhen",
    "beijing": "beijing",
    "hunan": "hunan",
    "shanghai": "shanghai",
    "jiangsu": "jiangsu",
}
ABOUT = {"status", "period", "source", "conflict", "background", "heating_season", "formula"}
"""Words about the figures."""

Check = Callable[[str, Any], None]


def shipped(region: str, kind: str = "") -> TariffVersion:
    return version(f"{region}-residential{kind}", on=date(2026, 1, 31))


def both(region: str) -> Iterator[TariffVersion]:
    for kind in ("", "-tou"):
        if f"{region}-residential{kind}" in tariff_codes():
            yield shipped(region, kind)


def borders(tiers: tuple[Tier, ...]) -> list[int | None]:
    return [tier.upto_kwh and int(tier.upto_kwh) for tier in tiers]


def whole_prices(found: TariffVersion, period: str, month: int = 1) -> list[float]:
    return [float(found.price(period, month=month) + tier.surcharge_of(period)) for tier in found.tiers_in(month)]


def has_tiers(*months: int) -> Check:
    def check(region: str, row: Any) -> None:  # noqa: ANN401 - a row of JSON
        for found in both(region):
            assert all(borders(found.tiers_in(month)) == row for month in months), found.code

    return check


def has_prices(kind: str, period: str, *months: int) -> Check:
    def check(region: str, row: Any) -> None:  # noqa: ANN401 - a row of JSON
        found = shipped(region, kind)
        assert all(whole_prices(found, period, month) == row for month in months or (1, 7)), found.code

    return check


def has_single_or_flat_price(region: str, row: list[float]) -> None:
    """`flat` is the flat period where there is one, and the single rate everywhere."""
    assert whole_prices(shipped(region), "total") == row
    for found in both(region):
        assert "flat" not in found.periods or whole_prices(found, "flat") == row


def has_hours(region: str, row: dict[str, str]) -> None:
    hours = calendar(shipped(region, "-tou").calendar)
    (season,) = hours.seasons
    for period, text in row.items():
        for span in () if period == "status" or text == "rest" else text.split(","):
            for start, end in parse_hours(span):
                inside = [one.period for one in season.spans if one.start < end and one.end > start]
                assert {hours.periods[one] for one in inside} == {period}, (region, period)


def has_tou_prices(region: str, row: dict[str, float]) -> None:
    found = shipped(region, "-tou")
    assert {period: float(found.price(period, month=7)) for period in found.periods} == row


def has_adders(region: str, row: list[float]) -> None:
    for found in both(region):
        assert [float(tier.surcharge) for tier in found.tiers_in(7)] == row


def has_heating_tiers(region: str, row: list[int | None]) -> None:
    for found in both(region):
        assert found.heating is not None
        assert borders(found.heating.tiers) == row
        assert found.heating.months == {11, 12, 1, 2, 3}


def has_extra_kwh(region: str, row: int) -> None:
    assert [found.large and int(found.large.extra_kwh) for found in both(region)] == [row] * 2


def has_shared_meter(region: str, row: float) -> None:
    found = shipped(region, "-shared")
    assert (float(found.price("total", month=1)), len(found.tiers_in(1))) == (row, 1)


CHECKS: Mapping[str, Check] = {
    "tiers_upto": has_tiers(*range(1, 13)),
    "tiers_upto_may_oct": has_tiers(*range(5, 11)),
    "tiers_upto_nov_apr": has_tiers(11, 12, 1, 2, 3, 4),
    "tiers_upto_spring_autumn": has_tiers(4, 10),
    "tiers_upto_other": has_tiers(1, 7),
    "tiers_upto_if_heating_exempt": has_heating_tiers,
    "flat": has_single_or_flat_price,
    "peak": has_prices("-tou", "peak"),
    "valley": has_prices("-tou", "valley"),
    "valley_months_11_to_5": has_prices("-tou", "valley", 11, 12, 1, 2, 3, 4, 5),
    "valley_months_6_to_10": has_prices("-tou", "valley", 6, 7, 8, 9, 10),
    "hours": has_hours,
    "tou_tier1": has_tou_prices,
    "tier_adders": has_adders,
    "extra_if_5_to_6_persons": has_extra_kwh,
    "shared_meter": has_shared_meter,
}

CYCLES = {"calendar year": ("year", 1, 1), "month": ("month", 1, 1), "1 July to 30 June": ("year", 7, 1)}


@pytest.fixture
def provinces(realdata: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((realdata / "tariffs_cn.json").read_text(encoding="utf-8"))
    return found["provinces"]


def test_no_region_is_left_out(provinces: dict[str, dict[str, Any]]) -> None:
    assert provinces.keys() == NINE.keys()


@pytest.mark.parametrize(("province", "region"), NINE.items())
def test_a_region_has_every_figure_that_was_collected(
    provinces: dict[str, dict[str, Any]], province: str, region: str
) -> None:
    row = provinces[province]
    assert row.keys() - ABOUT <= CHECKS.keys()
    for field in row.keys() - ABOUT:
        CHECKS[field](region, row[field])


@pytest.mark.parametrize(("province", "region"), NINE.items())
def test_a_region_counts_its_tiers_over_the_cycle_that_was_collected(
    provinces: dict[str, dict[str, Any]], province: str, region: str
) -> None:
    for found in both(region):
        cycle = found.cycle
        assert (cycle.every, cycle.month, cycle.day) == CYCLES[provinces[province]["period"]]


@pytest.mark.parametrize(("province", "region"), NINE.items())
def test_no_figure_is_surer_than_it_was_collected(
    provinces: dict[str, dict[str, Any]], province: str, region: str
) -> None:
    said = provinces[province]["status"]
    for found in both(region):
        if "proven" not in said:
            assert found.status != "proven"
        if "weak" in said:
            assert "prices" in found.doubts
