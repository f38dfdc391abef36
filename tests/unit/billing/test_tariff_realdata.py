import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gridhall.billing.tariffs.catalogue import version
from gridhall.billing.tariffs.engine import quote
from gridhall.billing.tariffs.recompute import recompute
from gridhall.kit.localdays import Month

pytestmark = pytest.mark.realdata

BILLS = {
    "zhejiang_2024": ("zhejiang-residential-tou", {"peak": "peak_kwh_inferred", "valley": "valley_kwh_inferred"}),
    "sichuan_2026": ("sichuan-residential-tou", {"peak": "peak", "flat": "flat", "valley": "valley"}),
}


def bills(folder: Path) -> Iterator[tuple[str, dict[str, str], dict[str, Any]]]:
    content = json.loads((folder / "real_bills.json").read_text(encoding="utf-8"))
    for key, (code, columns) in BILLS.items():
        for row in content[key]["months"]:
            yield code, columns, dict(zip(content[key]["columns"], row, strict=True))


def test_every_real_bill_is_met_to_the_fen_on_both_paths(realdata: Path) -> None:
    seen = 0
    for code, columns, bill in bills(realdata):
        month = Month.parse(bill["month"])
        found = version(code, on=month.first)
        used = {period: Decimal(bill[column]) for period, column in columns.items()}
        before = Decimal(bill.get("used_before_kwh", 0))
        fen = int(Decimal(bill["yuan"]) * 100)
        assert quote(found, on_month=month, used=used, used_before=before).total == fen, bill
        assert recompute(found, on_month=month, used=used, used_before=before) == fen, bill
        seen += 1
    assert seen == 6


def test_our_prices_are_those_that_were_collected(realdata: Path) -> None:
    collected = json.loads((realdata / "tariffs_cn.json").read_text(encoding="utf-8"))["provinces"]
    columns = {
        ("zhejiang-residential", "total", "flat"),
        ("zhejiang-residential-tou", "peak", "peak"),
        ("zhejiang-residential-tou", "valley", "valley"),
        ("shaanxi-residential", "total", "flat"),
        ("shaanxi-residential-tou", "peak", "peak"),
        ("shaanxi-residential-tou", "valley", "valley"),
        ("sichuan-residential", "total", "flat"),
        ("sichuan-residential-tou", "peak", "peak"),
        ("sichuan-residential-tou", "flat", "flat"),
        ("sichuan-residential-tou", "valley", "valley_months_11_to_5"),
    }
    for code, period, column in columns:
        found, province = version(code, on=date(2024, 1, 31)), collected[code.partition("-")[0]]
        full = [float(found.price(period, month=1) + tier.surcharge) for tier in found.tiers_in(1)]
        assert full == province[column], code
        borders = [tier.upto_kwh and int(tier.upto_kwh) for tier in found.tiers_in(1)]
        assert borders == province["tiers_upto"], code


def test_guangzhou_has_the_collected_prices_tiers_and_hours(realdata: Path) -> None:
    province = json.loads((realdata / "tariffs_cn.json").read_text(encoding="utf-8"))["provinces"][
        "guangdong_guangzhou"
    ]
    single = version("guangzhou-residential", on=date(2024, 1, 31))
    assert [float(single.price("total", month=1) + tier.surcharge) for tier in single.tiers_in(1)] == province["flat"]
    found = version("guangzhou-residential-tou", on=date(2024, 1, 31))
    assert {period: float(found.price(period, month=7)) for period in found.periods} == province["tou_tier1"]
    for one in (single, found):
        assert [float(tier.surcharge) for tier in one.tiers_in(7)] == province["tier_adders"]
        for month in range(1, 13):
            borders = [tier.upto_kwh and int(tier.upto_kwh) for tier in one.tiers_in(month)]
            assert borders == province["tiers_upto_may_oct" if 5 <= month <= 10 else "tiers_upto_nov_apr"], month
