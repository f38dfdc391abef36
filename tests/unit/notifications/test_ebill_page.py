"""The e-bill as a reader of the PDF finds it. Drawing is pure: no network, no file but the template and its fonts."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from gridhall.billing.bills.model import E_BILL, FIRST_E_BILL
from gridhall.kit.localdays import Month
from gridhall.kit.money import Fen, round_to_fen, yuan
from gridhall.notifications.ebill.model import (
    Basis,
    ChargeLine,
    EBill,
    LateFee,
    LineKind,
    MonthUsage,
    Note,
    NoteKind,
    PeriodUsage,
    ReadingSource,
    RegisterRow,
    TierBar,
    UnprintableBillError,
)
from gridhall.notifications.ebill.render import render, template_versions

PERIODS = ("critical_peak", "peak", "flat", "valley", "deep_valley")


def line(kind: LineKind, period: str, tier: int, kwh: str, price: str) -> ChargeLine:
    amount = round_to_fen(Decimal(kwh) * Decimal(price))
    return ChargeLine(kind=kind, period=period, tier=tier, kwh=Decimal(kwh), price=Decimal(price), amount=amount)


def charging(bill: EBill, *lines: ChargeLine) -> EBill:
    return replace(bill, lines=lines, total=Fen(sum(line.amount for line in lines)))


@pytest.fixture(scope="module")
def bill() -> EBill:
    lines = (
        line(LineKind.ENERGY, "peak", 1, "377", "0.568"),
        line(LineKind.ENERGY, "valley", 1, "410", "0.288"),
        line(LineKind.SURCHARGE, "total", 2, "654", "0.05"),
    )
    return EBill(
        number="ZJ202408-0000173042",
        template_version=E_BILL,
        supplier_name="格里供电",
        region_name="浙江",
        customer_name="*㛃𠮷",
        account_number="330****042",
        supply_address="浙江省杭州市余杭区****3幢***室",
        first_day=date(2024, 8, 1),
        last_day=date(2024, 8, 31),
        issued_on=date(2024, 9, 2),
        due_on=date(2024, 9, 25),
        total=Fen(36492),
        lines=lines,
        registers=(
            RegisterRow("peak", Decimal("11204.10"), Decimal("11581.10"), Decimal(1), Decimal(377)),
            RegisterRow("valley", Decimal("10669.32"), Decimal("11079.32"), Decimal(1), Decimal(410)),
        ),
        readings=ReadingSource("3301000173042", Decimal("0.998")),
        tariff_name="居民阶梯分时电价",
        hotline="95598",
        tier_bar=TierBar((Decimal(2760), Decimal(4800)), Decimal(2627), Decimal(787), "2024-01 至 2024-12"),
        periods=(PeriodUsage("peak", Decimal(377)), PeriodUsage("valley", Decimal(410))),
        months=tuple(MonthUsage(Month(2023, 8).shift(n), Decimal(200 + 40 * n), n == 12) for n in range(13)),
        payment_url="https://pay.example/ZJ202408-0000173042",
    )


def text_of(bill: EBill) -> str:
    (page,) = PdfReader(io.BytesIO(render(bill))).pages
    return page.extract_text()


class TestWhatTheReaderFinds:
    def test_a_bill_is_one_a4_page(self, bill: EBill) -> None:
        (page,) = PdfReader(io.BytesIO(render(bill))).pages
        assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (595, 842)

    def test_the_account_number_and_the_amount_can_be_copied_out(self, bill: EBill) -> None:
        text = text_of(bill)
        assert "330****042" in text
        assert "364.92" in text

    def test_the_version_of_the_template_does_not_read_as_a_date(self, bill: EBill) -> None:
        assert f"模板 template {bill.template_version}" in text_of(bill)

    def test_every_line_shows_its_energy_price_and_amount(self, bill: EBill) -> None:
        text = text_of(bill)
        for shown in ("377", "0.5680", "214.14", "410", "0.2880", "118.08", "654", "0.0500", "32.70"):
            assert shown in text

    def test_a_price_of_eight_decimals_is_printed_in_full(self, bill: EBill) -> None:
        assert "0.56781234" in text_of(charging(bill, line(LineKind.ENERGY, "total", 1, "100", "0.56781234")))

    def test_the_register_readings_are_printed_as_the_meter_showed_them(self, bill: EBill) -> None:
        text = text_of(bill)
        assert "11,204.10" in text
        assert "11,581.10" in text

    def test_the_tier_and_what_is_left_of_it_are_said(self, bill: EBill) -> None:
        text = without_spaces(text_of(bill))
        assert "累计3,414kWh,处于第二档" in text.replace("，", ",")
        assert "1,386" in text

    def test_what_was_owed_before_is_added_and_what_was_prepaid_is_taken_off(self, bill: EBill) -> None:
        assert "464.91" in text_of(replace(bill, previous_owed=Fen(10000), prepaid=Fen(1)))

    def test_a_bill_covered_by_prepayment_asks_for_nothing(self, bill: EBill) -> None:
        text = text_of(replace(bill, prepaid=Fen(50000)))
        assert "本期无需缴费" in text
        assert "前缴清" not in text

    def test_a_bill_without_a_closing_read_says_that_it_is_provisional(self, bill: EBill) -> None:
        assert "暂结账单" in text_of(replace(bill, readings=ReadingSource("3301000173042", is_provisional=True)))

    def test_of_each_register_is_told_how_sure_it_is(self, bill: EBill) -> None:
        bases = (Basis.READ, Basis.CORRECTED)
        rows = tuple(replace(row, basis=basis) for row, basis in zip(bill.registers, bases, strict=True))
        text = without_spaces(text_of(replace(bill, registers=rows)))
        assert "实抄：起止均为实际抄表" in text
        assert "更正：示数经更正" in text
        assert "估算" not in text

    def test_days_whose_curve_is_not_wholly_measured_are_told_and_that_nothing_is_billed_by_it(
        self, bill: EBill
    ) -> None:
        curve = ReadingSource("3301000173042", Decimal("0.968"), unsure_days=2)
        assert "完整率96.8%，其中2天含估算或存疑数据（不影响计费）" in without_spaces(
            text_of(replace(bill, readings=curve))
        )

    def test_the_current_month_is_compared_with_last_month_and_last_year(self, bill: EBill) -> None:
        text = text_of(bill)
        assert "+6%" in text  # 680 after 640
        assert "+240%" in text  # 680 after 200

    def test_the_payment_address_can_be_clicked(self, bill: EBill) -> None:
        (page,) = PdfReader(io.BytesIO(render(bill))).pages
        links = [annotation.get_object()["/A"]["/URI"] for annotation in page["/Annots"]]
        assert links == ["https://pay.example/ZJ202408-0000173042"]


class TestRoom:
    def test_twenty_lines_eight_registers_and_long_names_still_fit(self, bill: EBill) -> None:
        energy = [line(LineKind.ENERGY, period, 1, "1234.45", "0.56781234") for period in PERIODS]
        surcharges = [line(LineKind.SURCHARGE, p, tier, "61.5", "0.05") for tier in (2, 3, 4) for p in PERIODS]
        crowded = replace(
            charging(bill, *energy, *surcharges),
            registers=tuple(
                RegisterRow(period, Decimal("123456.78"), Decimal("123580.23"), Decimal(400), Decimal(49380))
                for period in ("total", "peak", "flat", "valley") * 2
            ),
            periods=tuple(PeriodUsage(period, Decimal("1234.45")) for period in PERIODS),
            customer_name="杭州" + "*" * 30 + "有限责任公司",
            supply_address="浙江省杭州市余杭区仓前街道" + "文一西路" * 12 + "东侧配电房",
            readings=ReadingSource("3301000173042", is_provisional=True),
        )
        text = text_of(crowded)
        assert text.count("第四档加价") == 5
        assert "6,172.25" in text

    @pytest.mark.parametrize("notes", [(), (Note(NoteKind.CANCELLED, "R1"), Note(NoteKind.REPLACES, "B0"))])
    def test_a_period_with_a_change_inside_and_two_meters_fits(self, bill: EBill, notes: tuple[Note, ...]) -> None:
        spans = ("08-01–08-14", "08-15–08-31")
        energy = [replace(line(LineKind.ENERGY, p, 1, "1234.45", "0.56781234"), span=s) for s in spans for p in PERIODS]
        higher = [
            replace(line(LineKind.SURCHARGE, p, t, "61", "0.05"), span="08-01–08-14") for t in (2, 3) for p in PERIODS
        ]
        free = [line(LineKind.ALLOWANCE, "total", 1, "10", "-0.5")] * 12
        meters = ("3301000173042", "3301000999111")
        rows = tuple(
            RegisterRow(p, Decimal("123456.78"), Decimal("123580.23"), Decimal(40), Decimal(4938), meter, basis)
            for meter, basis in zip(meters, (Basis.SHARED, Basis.CORRECTED), strict=True)
            for p in PERIODS
        )
        crowded = replace(charging(bill, *energy, *higher, *free), registers=rows, notes=notes)
        text = text_of(crowded)
        assert text.count("08-15–08-31") == 5
        assert "…9111" in text

    @pytest.mark.parametrize("notes", [0, 2])
    @pytest.mark.parametrize("lines", [1, 13, 32])
    def test_registers_of_three_meters_and_all_that_is_said_of_them_fit_beside_any_lines(
        self, bill: EBill, lines: int, notes: int
    ) -> None:
        of_energy = line(LineKind.ENERGY, "critical_peak", 1, "1234.45", "0.56781234")
        shown = (Decimal("123456.78"), Decimal("123580.23"), Decimal(40), Decimal(4938))
        meters = zip(("3301000173042", "3301000999111", "3301000999112"), Basis, strict=False)
        crowded = replace(
            charging(bill, *[of_energy] * lines),
            registers=tuple(RegisterRow(p, *shown, meter, basis) for meter, basis in meters for p in PERIODS),
            periods=tuple(PeriodUsage(period, Decimal("1234.45")) for period in PERIODS),
            notes=(Note(NoteKind.CANCELLED, "R1"), Note(NoteKind.REPLACES, "B0"))[:notes],
            readings=ReadingSource("3301000173042、3301000999111", Decimal("0.9"), 2, sources=("remote", "people")),
            late_fee=LateFee(Decimal(1), Decimal(3)),
        )
        assert text_of(crowded).count("123,456.78") == 15

    @pytest.mark.parametrize("meters", [("M1", "M2"), ("表甲", "换表乙丙丁戊")])
    def test_a_meter_may_be_called_anything(self, bill: EBill, meters: tuple[str, str]) -> None:
        rows = tuple(replace(row, meter=meter) for row, meter in zip(bill.registers, meters, strict=True))
        assert all(f"…{meter[-4:]}" in text_of(replace(bill, registers=rows)) for meter in meters)

    def test_the_history_is_left_out_only_where_it_would_not_fit(self, bill: EBill) -> None:
        assert "近 13 个月用电量" in text_of(bill)
        assert "近 13 个月用电量" not in text_of(charging(bill, *bill.lines[:1] * 32))

    @pytest.mark.parametrize("months", [0, 1, 4, 13])
    def test_a_customer_without_much_history_gets_a_whole_bill(self, bill: EBill, months: int) -> None:
        assert "364.92" in text_of(replace(bill, months=bill.months[:months]))

    def test_months_of_nothing_are_drawn(self, bill: EBill) -> None:
        idle = tuple(replace(month, kwh=None if n % 2 else Decimal(0)) for n, month in enumerate(bill.months))
        assert "无数据" in text_of(replace(bill, months=idle))

    def test_a_flat_tariff_needs_neither_tiers_nor_a_split(self, bill: EBill) -> None:
        text = text_of(replace(bill, tier_bar=None, periods=()))
        assert "阶梯用量" not in text
        assert "分时用电" not in text

    @pytest.mark.parametrize(("charges", "shown"), [(4, 4), (12, 8), (28, 8)])
    def test_charges_whose_names_are_too_long_for_the_page_are_told_together(
        self, bill: EBill, charges: int, shown: int
    ) -> None:
        longest = ChargeLine(
            LineKind.OTHER, "", 1, Decimal(4321), Decimal("0.0123"), Fen(5315), title="附" * 40, unit="kWh"
        )
        told = charging(bill, *bill.lines, *[longest] * charges)
        text = without_spaces(text_of(told))
        assert text.count("附" * 40) == shown
        assert ("其余各项费用" in text) == (charges > shown)
        assert f"{yuan(told.total):,}" in text

    def test_a_text_that_would_run_over_the_page_is_refused_not_cut(self, bill: EBill) -> None:
        with pytest.raises(RuntimeError, match="does not fit on one page"):
            render(replace(bill, readings=ReadingSource("3301 " * 2000)))


class TestWhatIsSaidAboveAll:
    def test_a_cancelled_bill_asks_for_nothing_and_names_its_credit_note(self, bill: EBill) -> None:
        text = text_of(replace(bill, notes=(Note(NoteKind.CANCELLED, "R77"),), payment_url=None))
        assert "红字账单R77" in without_spaces(text)
        assert "已作废，无需缴费" in text
        assert "前缴清" not in text

    def test_charges_of_a_two_part_tariff_are_listed_as_told_and_say_that_nobody_calculated_them(
        self, bill: EBill
    ) -> None:
        demand = ChargeLine(
            LineKind.DEMAND, "", 1, Decimal(120), Decimal(38), Fen(456_000), title="需量电费", unit="kW"
        )
        factor = ChargeLine(LineKind.POWER_FACTOR, "", 1, None, None, Fen(-3_420), title="力调电费")
        told = replace(charging(bill, *bill.lines, demand, factor), notes=(Note(NoteKind.NOT_CALCULATED),))
        text = text_of(told)
        for shown in ("需量电费", "120 kW", "4,560.00", "力调电费", "-34.20", "营业厅不作核算"):
            assert shown in text
        assert told.kwh == 787

    @pytest.mark.parametrize(("earlier", "said"), [("1", "每日1‰加收违约金"), ("3", "跨年度欠费3‰")])
    def test_a_late_payment_is_told_before_it_costs(self, bill: EBill, earlier: str, said: str) -> None:
        fee = LateFee(Decimal(1), Decimal(earlier))
        assert said in without_spaces(text_of(replace(bill, late_fee=fee)))

    def test_the_code_is_there_as_long_as_there_is_something_to_pay(self, bill: EBill) -> None:
        assert "扫码缴费" in text_of(bill)
        assert "扫码缴费" not in text_of(replace(bill, prepaid=bill.total))


class TestTemplates:
    @pytest.mark.parametrize("version", template_versions())
    def test_every_version_can_be_drawn_for_good(self, bill: EBill, version: str) -> None:
        text = text_of(replace(bill, template_version=version))
        assert "364.92" in text
        assert version in text

    def test_bills_are_issued_by_the_newest(self) -> None:
        assert template_versions()[-1] == E_BILL
        assert FIRST_E_BILL in template_versions()

    def test_a_version_that_there_is_not_is_refused(self, bill: EBill) -> None:
        with pytest.raises(UnprintableBillError, match=r"template_version: '\.\./x' is not one of"):
            render(replace(bill, template_version="../x"))


class TestForeignText:
    @pytest.mark.parametrize("text", ["#panic()", "*b*", "$x$", "[y]", "\\u{41}", "{kwh}", '"#sys.inputs', "</script>"])
    def test_what_a_customer_is_called_is_never_read_as_markup(self, bill: EBill, text: str) -> None:
        assert text in text_of(replace(bill, customer_name=text))

    def test_names_in_braces_are_filled_in_once_only(self, bill: EBill) -> None:
        assert "{coverage}" in text_of(replace(bill, readings=ReadingSource("{coverage}", Decimal("0.5"))))

    def test_rare_surnames_are_drawn_and_can_be_copied_out(self, bill: EBill) -> None:
        text = text_of(replace(bill, customer_name="㛃𠮷䶮镕𬭎"))
        assert "㛃𠮷䶮镕𬭎" in text
        assert "\x00" not in text

    def test_both_fonts_are_inside_the_file(self, bill: EBill) -> None:
        (page,) = PdfReader(io.BytesIO(render(bill))).pages
        fonts = page["/Resources"]["/Font"].values()
        names = {embedded_name(font.get_object()) for font in fonts}
        assert {re.sub(r"^[A-Z]{6}\+", "", name) for name in names} == {"NotoSansCJKjp-Regular", "NotoSansCJKjp-Bold"}


class TestTheSameAgain:
    def test_equal_bills_give_equal_bytes(self, bill: EBill) -> None:
        assert render(bill) == render(replace(bill))

    def test_bills_drawn_in_several_threads_are_not_mixed_up(self, bill: EBill) -> None:
        bills = [replace(bill, number=f"ZJ-{n:04d}") for n in range(12)]
        alone = [render(one) for one in bills]
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(render, bills)) == alone


class TestWhatIsRefused:
    def test_lines_that_do_not_add_up(self, bill: EBill) -> None:
        with pytest.raises(UnprintableBillError, match="do not add up"):
            replace(bill, total=Fen(1))

    def test_more_lines_than_the_page_holds(self, bill: EBill) -> None:
        with pytest.raises(UnprintableBillError, match="lines: 33 given, the page holds at most 32"):
            replace(bill, lines=bill.lines[:1] * 33)

    def test_a_negative_prepayment(self, bill: EBill) -> None:
        with pytest.raises(UnprintableBillError, match="from zero up"):
            replace(bill, prepaid=Fen(-1))


def without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)


def embedded_name(font: DictionaryObject) -> str:
    descendant = font["/DescendantFonts"][0].get_object()
    assert "/FontFile3" in descendant["/FontDescriptor"].get_object()
    return str(descendant["/BaseFont"]).lstrip("/")
