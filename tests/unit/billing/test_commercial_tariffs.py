"""Small commercial supply: one price or time of use, without tiers. The prices are of a test, not of a supplier."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from gridhall.billing.arrears.model import SupplyClass, supply_class
from gridhall.billing.tariffs.catalogue import load_tariff
from gridhall.billing.tariffs.engine import quote
from gridhall.billing.tariffs.recompute import recompute
from gridhall.kit.localdays import Month

WRITTEN = """
code = "{code}"
region = "zhejiang"
title = {{ zh = "测试工商业电价", en = "Commercial, of a test" }}
supply = "commercial"

[[versions]]
effective_from = 2026-01-01
status = "provisional"
source = "A test"
calendar = "{calendar}"
cycle = {{ every = "month" }}
tiers = [{{ surcharge = "0" }}]
prices = [{prices}]
quantity = {{ step = "1", rounding = "down", carried = true }}
"""
PRICES = {"single": {"total": "0.7214"}, "zhejiang-tou": {"peak": "1.03125", "valley": "0.41025"}}
USED = {"single": {"total": "12345"}, "zhejiang-tou": {"peak": "4000", "valley": "3100"}}


@pytest.mark.parametrize(("calendar", "total"), [("single", 890_568), ("zhejiang-tou", 539_678)])
def test_commercial_energy_is_charged_without_tiers_however_much_it_is(
    tmp_path: Path, calendar: str, total: int
) -> None:
    code = f"zhejiang-commercial-{calendar.removeprefix('zhejiang-')}"
    prices = ", ".join(f'{{ period = "{period}", price = "{price}" }}' for period, price in PRICES[calendar].items())
    file = tmp_path / f"{code}.toml"
    file.write_text(WRITTEN.format(code=code, calendar=calendar, prices=prices))
    found = load_tariff(file)
    assert found.supply == "commercial"
    [version] = found.versions
    used = {period: Decimal(kwh) for period, kwh in USED[calendar].items()}
    quoted = quote(version, on_month=Month(2026, 7), used=used, used_before=Decimal(0))
    assert [(line.kind, line.tier) for line in quoted.lines] == [("energy", 1)] * len(used)
    assert quoted.total == total
    assert recompute(version, on_month=Month(2026, 7), used=used, used_before=Decimal(0)) == total
    assert version.in_force(date(2026, 7, 1))
    assert supply_class(code) is SupplyClass.OTHER
