import json
from collections.abc import Iterator
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
