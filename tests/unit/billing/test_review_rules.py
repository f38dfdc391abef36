"""Each rule of the review with a bill that passes it and one that it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from gridhall.billing.bills.model import Basis, Bill, BillKind
from gridhall.billing.bills.pricing import Pricing, pricing_of
from gridhall.billing.bills.review import VERSION, Evidence, SameWeeks, Thresholds, limits_of, review
from gridhall.billing.bills.review.rules import RULES
from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen
from tests.factories.accounts import an_account
from tests.factories.bills import a_bill

HOMES = limits_of({}).of("residential")
FLAT = an_account()
TOU = an_account(tariff="zhejiang-residential-tou")
BASIS = Basis("mean_of_last_bills", Days(date(2026, 9, 1), date(2026, 10, 1)), (("total", Decimal(200)),))


def evidence_of(
    bill: Bill,
    *,
    previous: Bill | None = None,
    earlier: Sequence[Bill] = (),
    curve: Mapping[str, int | str] | None = None,
    thresholds: Thresholds = HOMES,
    **more: Any,  # noqa: ANN401 - any field of Evidence
) -> Evidence:
    account = TOU if bill.account_id == TOU.id else FLAT
    pricing = pricing_of(account, bill.days)
    assert isinstance(pricing, Pricing)
    interval = {period: Decimal(kwh) for period, kwh in curve.items()} if curve is not None else None
    fields: dict[str, Any] = {
        "account": account,
        "pricing": pricing,
        "thresholds": thresholds,
        "earlier": [*earlier, *([previous] if previous else [])],
        "interval_kwh": interval,
    }
    return Evidence(**{**fields, **more})


def findings(
    bill: Bill,
    *,
    without: str = "tiers_not_continued opening_differs_from_last_closing",
    **more: Any,  # noqa: ANN401 - of `evidence_of`
) -> dict[str, dict[str, str]]:
    """What is found of a bill; its factory neither continues tiers nor registers unless the test says so."""
    found = review(bill, evidence_of(bill, **more)).findings
    return {finding.code: dict(finding.evidence) for finding in found if finding.code not in without.split()}


def test_a_first_bill_without_a_curve_passes() -> None:
    assert findings(a_bill(FLAT, "2026-10", 5000)) == {}


class TestTheSecondPath:
    def test_the_same_total_passes(self) -> None:
        assert findings(a_bill(TOU, "2026-10", {"peak": 377, "valley": 410}, used_before=2627)) == {}

    @pytest.mark.parametrize("fen", [-1, 1])
    def test_a_total_that_is_a_fen_off_is_held(self, fen: int) -> None:
        bill = a_bill(TOU, "2026-10", {"peak": 377, "valley": 410}, used_before=2627)
        off = replace(bill, total=Fen(bill.total + fen))
        assert findings(off)["recomputed_differs"] == {"total": str(36492 + fen), "again": "36492"}

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


class TestTheFiguresOfABill:
    def test_lines_that_do_not_sum_to_the_total_are_held(self) -> None:
        bill = a_bill(FLAT, "2026-10", 200)
        lines = tuple(replace(line, amount=Fen(line.amount + 1)) for line in bill.lines)
        assert findings(replace(bill, lines=lines)) == {
            "lines_do_not_add_up": {"lines": str(bill.total + 1), "total": str(bill.total)}
        }

    def test_registers_that_do_not_sum_to_the_energy_are_held(self) -> None:
        assert "lines_do_not_add_up" in findings(replace(a_bill(FLAT, "2026-10", 200), kwh=Decimal(201)))

    def test_less_than_nothing_is_held(self) -> None:
        bill = a_bill(FLAT, "2026-10", 200)
        row = replace(bill.registers[0], kwh=Decimal(-1))
        assert findings(replace(bill, registers=(row,)))["negative_figure"] == {
            "meter": "M1",
            "period": "total",
            "kwh": "-1",
        }
        assert "negative_figure" in findings(replace(bill, total=Fen(-1)))


class TestTheReadings:
    def test_a_register_of_the_tariff_that_was_not_read_is_held(self) -> None:
        bill = a_bill(TOU, "2026-10", {"peak": 100, "valley": 100})
        lacking = replace(bill, registers=bill.registers[:1])
        assert findings(lacking)["readings_incomplete"]["period"] == "valley"

    def test_a_bill_without_a_read_is_provisional_or_held(self) -> None:
        bill = a_bill(FLAT, "2026-10", 200)
        unread = replace(bill, registers=(replace(bill.registers[0], closing=None),))
        assert findings(unread)["readings_incomplete"] == {"meter": "M1", "period": "total"}
        provisional = replace(unread, kind=BillKind.PROVISIONAL)
        assert findings(provisional)["readings_incomplete"] == {"basis": "none"}
        assert findings(replace(provisional, basis=BASIS)) == {}

    def test_energy_between_two_bills_is_neither_lost_nor_billed_twice(self) -> None:
        bill, last = a_bill(FLAT, "2026-10", 200, used_before=200), a_bill(FLAT, "2026-09", 200)
        chained = replace(bill, registers=(replace(bill.registers[0], opening=Decimal(1200), closing=Decimal(1400)),))
        assert findings(chained, previous=last, without="") == {}
        assert findings(bill, previous=last, without="")["opening_differs_from_last_closing"] == {
            "meter": "M1",
            "period": "total",
            "closing": "1200",
            "opening": "1000",
        }

    def test_another_meter_begins_where_it_begins(self) -> None:
        bill, last = a_bill(FLAT, "2026-10", 200, used_before=200), a_bill(FLAT, "2026-09", 200)
        exchanged = replace(bill, registers=(replace(bill.registers[0], meter="M2"),))
        assert findings(exchanged, previous=last, without="") == {}


class TestTheContract:
    def test_a_version_that_was_not_in_force_is_held(self) -> None:
        bill = replace(a_bill(FLAT, "2026-10", 200), tariff_from=date(2019, 1, 1))
        assert "tariff_not_in_force" in findings(bill)

    def test_a_tariff_that_is_not_the_contracts_is_held(self) -> None:
        bill = replace(a_bill(FLAT, "2026-10", 200), tariff_code="zhejiang-residential-tou")
        assert findings(bill)["tariff_not_in_force"] == {
            "billed": "zhejiang-residential-tou",
            "contract": "zhejiang-residential",
        }

    @pytest.mark.parametrize(("before", "held"), [(300, False), (299, True), (0, True), (301, True)])
    def test_the_tiers_go_on_where_the_bills_before_ended(self, before: int, *, held: bool) -> None:
        earlier = [a_bill(FLAT, "2026-08", 100), a_bill(FLAT, "2026-09", 200, used_before=100)]
        bill = a_bill(FLAT, "2026-10", 200, used_before=before)
        found = findings(bill, earlier=earlier, without="opening_differs_from_last_closing")
        assert ("tiers_not_continued" in found) is held

    def test_a_month_is_billed_once(self) -> None:
        bill, other = a_bill(FLAT, "2026-10", 200), a_bill(FLAT, "2026-10", 300)
        assert findings(bill, earlier=[other])["period_billed_twice"] == {"other": other.number, "days": "31"}

    def test_no_day_lies_in_two_bills(self) -> None:
        september = a_bill(FLAT, "2026-09", 200)
        longer = replace(september, days=Days(date(2026, 9, 1), date(2026, 10, 3)))
        assert findings(a_bill(FLAT, "2026-10", 200), earlier=[longer])["period_billed_twice"]["days"] == "2"


def weeks(bill: Bill, kwh: int) -> SameWeeks:
    """So much in the weeks of last year that a bill is compared with."""
    return SameWeeks(bill.days, Decimal(kwh), "curve")


class TestTheYearBefore:
    @pytest.mark.parametrize(("kwh", "held"), [(600, False), (601, True), (67, False), (66, True)])
    def test_a_multiple_or_a_fraction_of_the_same_weeks_is_held(self, kwh: int, *, held: bool) -> None:
        bill = a_bill(FLAT, "2026-10", kwh)
        last_year = weeks(bill, 200)
        found = findings(bill, last_year=last_year, thresholds=replace(HOMES, year_floor=Decimal(100)))
        assert ("differs_from_last_year" in found) is held

    def test_few_kilowatt_hours_are_no_difference(self) -> None:
        bill = a_bill(FLAT, "2026-10", 159)
        assert findings(bill, last_year=weeks(bill, 10)) == {}

    def test_what_was_so_last_month_already_is_told_once(self) -> None:
        bill, previous = a_bill(FLAT, "2026-10", 900), a_bill(FLAT, "2026-09", 850)
        found = findings(bill, previous=previous, last_year=weeks(bill, 100), before_last_year=weeks(previous, 100))
        assert found == {}

    def test_a_jump_that_last_year_knew_passes(self) -> None:
        bill, previous = a_bill(FLAT, "2026-10", 900), a_bill(FLAT, "2026-09", 200)
        alike = {"last_year": weeks(bill, 800), "before_last_year": weeks(previous, 190)}
        assert findings(bill, previous=previous, **alike) == {}
        other_way = {"last_year": weeks(bill, 400), "before_last_year": weeks(previous, 900)}
        assert set(findings(bill, previous=previous, **other_way)) == {"jumped_against_last_month"}


def test_homes_and_shops_are_held_by_thresholds_of_their_own() -> None:
    limits = limits_of({"commercial": {"jump_ratio": 2}})
    assert limits.of("commercial").jump_ratio == 2
    assert limits.of("commercial").jump_floor == 1000
    assert limits.of("residential") == HOMES
    for chosen in ({"palace": {"jump_ratio": 2}}, {"residential": {"jump": 2}}):
        with pytest.raises(ValueError, match="review_thresholds"):
            limits_of(chosen)


def test_every_rule_is_accounted_for_with_the_bill() -> None:
    bill = a_bill(FLAT, "2026-10", 200)
    checks = review(bill, evidence_of(bill)).checks
    assert checks.version == VERSION
    assert checks.skipped == (
        "opening_differs_from_last_closing",
        "registers_differ_from_curve",
        "jumped_against_last_month",
        "differs_from_last_year",
    )
    assert checks.passed == len(RULES) - 4


def test_everything_that_is_found_is_told() -> None:
    bill = a_bill(FLAT, "2026-10", 5000)
    found = findings(replace(bill, total=Fen(1)), previous=a_bill(FLAT, "2026-09", 200), curve={"total": 1})
    assert set(found) == {
        "recomputed_differs",
        "lines_do_not_add_up",
        "registers_differ_from_curve",
        "jumped_against_last_month",
    }
