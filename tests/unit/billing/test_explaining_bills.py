"""A bill explained so that a customer can check it with a pocket calculator."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.billing.accounts.model import TariffLink, Term
from gridhall.billing.bills.charges import Charge, ChargeKind
from gridhall.billing.bills.explaining.explain import explain
from gridhall.billing.bills.explaining.model import Explanation, Section
from gridhall.billing.bills.explaining.sentences import sentence, title
from gridhall.billing.bills.model import Basis, Bill, BillKind, BillOrigin, BillStatus
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Days
from gridhall.kit.money import Fen
from gridhall.kit.words import LANGUAGES, Words
from tests.factories.accounts import an_account, point_of
from tests.factories.bills import a_bill, a_bill_drafted
from tests.factories.reads import a_read

WORDS = Words(["gridhall.billing"])
TOU = an_account(tariff="zhejiang-residential-tou")
HOME = an_account()


def said(explanation: Explanation, language: str = "en") -> list[str]:
    return [sentence(step, words=WORDS, language=language) for step in explanation.steps]


def drafted(opening: str, closing: str, **more: object) -> Bill:
    """October of one register, as the bill run drafts it."""
    home = an_account(kept_since=date(2026, 10, 1))
    point = point_of(home)
    reads = [a_read(point, date(2026, 10, 1), opening), a_read(point, date(2026, 11, 1), closing)]
    return a_bill_drafted(home, "2026-10", *reads, **more)


def home_of(bill: Bill) -> object:
    return an_account(kept_since=date(2026, 10, 1), id=bill.account_id)


class TestARealBill:
    """August 2024 of a real household: 364.92 yuan, of which 654 kWh in tier 2."""

    BILL = replace(a_bill(TOU, "2026-08", {"peak": 377, "valley": 410}, used_before=2627))

    def test_it_agrees_with_what_was_really_billed(self) -> None:
        found = explain(self.BILL, account=TOU)
        assert (found.again, found.agrees) == (Fen(36492), True)

    def test_every_line_can_be_typed_into_a_calculator(self) -> None:
        lines = [one for one in said(explain(self.BILL, account=TOU)) if "x" in one and "yuan =" in one]
        assert len(lines) == len(self.BILL.lines) == 3
        for line in lines:
            kwh, price, exact, amount = (
                Decimal(one) for one in re.findall(r"\d+(?:\.\d+)", line.replace(" kWh", ".0"))[-4:]
            )
            assert kwh * price == exact
            assert abs(exact - amount) <= Decimal("0.005")

    def test_it_says_where_in_the_tiers_the_energy_fell(self) -> None:
        text = said(explain(self.BILL, account=TOU))
        assert "Tiers of the year: 2627 kWh before this period, 787 in it, 3414 altogether." in text
        assert "Tier 2 (from 2760 to 4800 kWh): 654 kWh of this period fall into it." in text

    def test_it_names_the_version_its_source_and_how_sure_it_is(self) -> None:
        (version,) = [step for step in explain(self.BILL, account=TOU).steps if step.code == "version"]
        assert version.numbers["status"] in {"proven", "sourced"}
        assert version.numbers["source"]

    def test_it_says_in_words_what_of_the_tariff_has_no_good_source(self) -> None:
        assert "该电价有未经可靠来源证实之处（分时时段、执行起始日），为暂定。" in said(
            explain(self.BILL, account=TOU), LANGUAGES[0]
        )

    def test_chinese_comes_first(self) -> None:
        text = said(explain(self.BILL, account=TOU), LANGUAGES[0])
        assert "第2档（2760至4800千瓦时）：本期落入654千瓦时。" in text
        assert any("与账单一致" in one for one in text)
        assert title(Section.TIERS, words=WORDS, language="zh-CN") == "阶梯"


class TestTheRegisters:
    def test_what_was_left_over_is_billed_now_and_what_is_left_is_carried(self) -> None:
        bill = drafted("1000.70", "1200.60")
        found = explain(bill, account=home_of(bill))
        assert found.agrees
        assert "total: 199.9 + 0.7 left over before = 200.6 kWh" in " ".join(said(found)).replace("all day", "total")

    def test_a_register_that_went_over_its_end_is_told(self) -> None:
        bill = drafted("99990.00", "90.00", digits={"M1": 5})
        found = explain(bill, account=home_of(bill))
        assert bill.kwh == 100
        assert found.agrees
        assert any("went over the end of its digits" in one and "counted 100" in one for one in said(found))

    @settings(max_examples=50)
    @given(opening=st.decimals(0, 9000, places=2), used=st.decimals(0, 4000, places=2))
    def test_whatever_the_registers_show_the_explanation_comes_out(self, opening: Decimal, used: Decimal) -> None:
        bill = drafted(f"{opening:f}", f"{opening + used:f}")
        assert explain(bill, account=home_of(bill)).agrees

    def test_a_share_of_several_months_is_told_as_one(self) -> None:
        bill = a_bill(HOME, "2026-10", 200)
        row = replace(bill.registers[0], days=Days(date(2026, 8, 1), date(2026, 11, 1)), closing=Decimal(1600))
        found = explain(replace(bill, registers=(row,)), account=HOME)
        assert found.agrees
        assert any("spread over the months" in one for one in said(found))


class TestWhatSortOfBillItIs:
    def test_a_provisional_one_says_so_and_what_it_rests_on(self) -> None:
        bill = a_bill(HOME, "2026-10", 200)
        basis = Basis(
            "lunar_weeks_of_last_year", Days(date(2025, 10, 3), date(2025, 11, 3)), (("total", Decimal(200)),)
        )
        unread = replace(bill.registers[0], closing=None)
        found = explain(replace(bill, kind=BillKind.PROVISIONAL, basis=basis, registers=(unread,)), account=HOME)
        assert found.agrees
        assert said(found)[0].startswith("This bill is provisional")
        assert "until before 2025-11-03, aligned by the lunar new year): 200 kWh." in said(found)[0]
        assert "Meter M1 (total) has no closing read" in said(found)[1].replace("all day", "total")

    def test_one_that_was_taken_back_says_so(self) -> None:
        bill = replace(a_bill(HOME, "2026-10", 200), status=BillStatus.CANCELLED)
        assert "asks for nothing any more" in said(explain(bill, account=HOME))[0]

    def test_one_that_took_its_place_says_so(self) -> None:
        bill = replace(a_bill(HOME, "2026-10", 200), replaces=new_id())
        assert "takes the place" in said(explain(bill, account=HOME))[0]

    def test_an_imported_one_of_a_tariff_not_known_here_is_checked_as_far_as_it_goes(self) -> None:
        bill = replace(a_bill(HOME, "2026-10", 200), origin=BillOrigin.IMPORTED, tariff_code="two-part-35kv")
        found = explain(bill, account=HOME)
        assert (found.again, found.agrees) == (None, True)
        assert "cannot be recomputed" in said(found)[-1]
        wrong = replace(bill, total=Fen(bill.total + 1))
        assert not explain(wrong, account=HOME).agrees

    def test_what_a_supplier_charges_beside_energy_is_shown_and_not_calculated(self) -> None:
        energy = a_bill(HOME, "2026-10", 200)
        demand = Charge(ChargeKind.DEMAND, "需量电费", Fen(120_000), Decimal(30), "kW", Decimal(40))
        bill = replace(energy, origin=BillOrigin.IMPORTED, charges=(demand,), total=Fen(energy.total + demand.amount))
        found = explain(bill, account=HOME)
        assert (found.again, found.agrees) == (energy.total, True)
        assert "需量电费 (30 kW x 40): 1200.00 yuan" in " ".join(said(found))
        assert "the energy alone" in said(found)[-1]

    def test_a_wrong_total_does_not_agree_and_says_so(self) -> None:
        bill = replace(a_bill(HOME, "2026-10", 200), total=Fen(1))
        found = explain(bill, account=HOME)
        assert not found.agrees
        assert any("does not come out" in one for one in said(found))


def test_a_change_of_tariff_inside_is_explained_piece_by_piece() -> None:
    home = an_account(
        kept_since=date(2026, 10, 1),
        tariffs=(
            TariffLink("zhejiang-residential-tou", date(2026, 1, 1), date(2026, 10, 11)),
            TariffLink("zhejiang-residential", date(2026, 10, 11)),
        ),
    )
    point = point_of(home)
    reads = [
        a_read(point, date(2026, 10, 1), {"peak": "100.00", "valley": "50.00", "total": "150.00"}),
        a_read(point, date(2026, 11, 1), {"peak": "300.00", "valley": "160.00", "total": "460.00"}),
    ]
    bill = a_bill_drafted(home, "2026-10", *reads)
    found = explain(bill, account=home)
    assert found.agrees
    assert [one for one in said(found) if "days from 2026-10-01 until before 2026-10-11" in one]
    assert len([step for step in found.steps if step.code == "version"]) == 2


def test_a_household_with_terms_is_told_what_they_are() -> None:
    home = an_account(
        tariff="shaanxi-residential",
        region="shaanxi",
        kept_since=date(2026, 10, 1),
        terms=(Term("large", date(2026, 1, 1)),),
    )
    reads = [a_read(point_of(home), date(2026, 10, 1), "0.00"), a_read(point_of(home), date(2026, 11, 1), "300.00")]
    found = explain(a_bill_drafted(home, "2026-10", *reads), account=home)
    assert found.agrees
    assert len(said(found)) > 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_has_a_heading(language: str) -> None:
    assert all(title(section, words=WORDS, language=language) for section in Section)
