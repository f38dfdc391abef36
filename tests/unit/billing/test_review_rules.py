"""Each rule of the review with a bill that passes it and one that it holds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from gridhall.billing.bills.model import Bill
from gridhall.billing.bills.review import Evidence, Limits, review
from gridhall.billing.tariffs import catalogue
from gridhall.kit.money import Fen
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill

LIMITS = Limits(jump_ratio=Decimal(3), jump_floor_kwh=Decimal(100), sum_tolerance_kwh=Decimal(2))
FLAT = an_account()
TOU = an_account(tariff="zhejiang-residential-tou")


def findings(
    bill: Bill, *, previous: Bill | None = None, curve: Mapping[str, int | str] | None = None
) -> dict[str, dict[str, str]]:
    version = catalogue.version(bill.tariff_code, on=bill.days.start)
    interval = {period: Decimal(kwh) for period, kwh in curve.items()} if curve is not None else None
    found = review(bill, Evidence(version, previous, interval, LIMITS))
    return {finding.code: dict(finding.evidence) for finding in found}


def test_a_first_bill_without_a_curve_passes() -> None:
    assert findings(a_bill(FLAT, "2026-10", 5000)) == {}


class TestTheSecondPath:
    def test_the_same_total_passes(self) -> None:
        assert findings(a_bill(TOU, "2026-10", {"peak": 377, "valley": 410}, used_before=2627)) == {}

    @pytest.mark.parametrize("fen", [-1, 1])
    def test_a_total_that_is_a_fen_off_is_held(self, fen: int) -> None:
        bill = a_bill(TOU, "2026-10", {"peak": 377, "valley": 410}, used_before=2627)
        off = replace(bill, total=Fen(bill.total + fen))
        assert findings(off) == {"recomputed_differs": {"total": str(36492 + fen), "again": "36492"}}

    def test_a_forgotten_tier_is_held(self) -> None:
        bill = a_bill(FLAT, "2026-10", 200, used_before=5000)
        energy = tuple(line for line in bill.lines if line.kind == "energy")
        cheap = replace(bill, lines=energy, total=Fen(sum(line.amount for line in energy)))
        assert "recomputed_differs" in findings(cheap)


class TestTheCurve:
    @pytest.mark.parametrize("curve", [198, "198.001", 200, 202])
    def test_registers_within_the_tolerance_pass(self, curve: int | str) -> None:
        assert findings(a_bill(FLAT, "2026-10", 200), curve={"total": curve}) == {}

    @pytest.mark.parametrize("curve", ["197.999", "202.001", 0])
    def test_registers_that_the_curve_contradicts_are_held(self, curve: int | str) -> None:
        found = findings(a_bill(FLAT, "2026-10", 200), curve={"total": curve})
        assert found == {
            "registers_differ_from_curve": {"period": "total", "registers": "200", "curve": str(Decimal(curve))}
        }

    def test_every_period_is_compared_and_not_only_their_sum(self) -> None:
        bill = a_bill(TOU, "2026-10", {"peak": 100, "valley": 100})
        assert findings(bill, curve={"peak": 100, "valley": 100, "total": 200}) == {}
        assert "registers_differ_from_curve" in findings(bill, curve={"peak": 110, "valley": 90, "total": 200})

    def test_a_period_that_the_curve_never_saw_counts_as_nothing(self) -> None:
        bill = a_bill(TOU, "2026-10", {"peak": 100, "valley": 100})
        assert findings(bill, curve={"peak": 100})["registers_differ_from_curve"]["period"] == "valley"


class TestTheMonthBefore:
    @pytest.mark.parametrize("kwh", [200, 600, 620, 69, 101])
    def test_an_ordinary_change_passes(self, kwh: int) -> None:
        # September has 30 days and October 31, so three times as much a day is 620 kWh.
        assert findings(a_bill(FLAT, "2026-10", kwh), previous=a_bill(FLAT, "2026-09", 200)) == {}

    @pytest.mark.parametrize("kwh", [621, 5000, 68, 0])
    def test_a_jump_or_a_drop_is_held(self, kwh: int) -> None:
        found = findings(a_bill(FLAT, "2026-10", kwh), previous=a_bill(FLAT, "2026-09", 200))
        assert found == {"jumped_against_last_month": {"kwh": str(kwh), "previous": "200"}}

    def test_a_jump_of_few_kilowatt_hours_passes(self) -> None:
        assert findings(a_bill(FLAT, "2026-10", 109), previous=a_bill(FLAT, "2026-09", 10)) == {}
        assert findings(a_bill(FLAT, "2026-10", 110), previous=a_bill(FLAT, "2026-09", 10)) != {}

    def test_the_first_use_after_an_empty_month_is_looked_at(self) -> None:
        assert findings(a_bill(FLAT, "2026-10", 99), previous=a_bill(FLAT, "2026-09", 0)) == {}
        assert "jumped_against_last_month" in findings(
            a_bill(FLAT, "2026-10", 100), previous=a_bill(FLAT, "2026-09", 0)
        )

    def test_a_longer_period_is_no_jump(self) -> None:
        short = an_account(read_day=1, kept_since=date(2026, 2, 1))
        assert findings(a_bill(FLAT, "2026-03", 650), previous=a_bill(short, "2026-02", 200)) == {}


def test_everything_that_is_found_is_told() -> None:
    bill = a_bill(FLAT, "2026-10", 5000)
    found = findings(replace(bill, total=Fen(1)), previous=a_bill(FLAT, "2026-09", 200), curve={"total": 1})
    assert set(found) == {"recomputed_differs", "registers_differ_from_curve", "jumped_against_last_month"}
