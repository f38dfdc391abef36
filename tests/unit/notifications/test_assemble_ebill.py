"""From a bill in the books to what its page shows."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from gridhall.billing.accounts.model import Term
from gridhall.billing.bills.charges import Charge, ChargeKind
from gridhall.billing.bills.model import FIRST_E_BILL, Bill, BillOrigin, BillStatus, Reading
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Days, Month
from gridhall.kit.money import Fen
from gridhall.metering.histories.series import PeriodTotals
from gridhall.notifications.ebill.assemble import NoSuchBillError, assemble, masked_address
from gridhall.notifications.ebill.model import MAX_LINES, Basis, EBill, LineKind, MonthUsage, NoteKind, ReadingSource
from gridhall.notifications.ebill.parts import reading_of
from gridhall.notifications.ebill.render import render
from tests.factories.accounts import an_account
from tests.factories.bills import MADE_AT, a_bill

ACCOUNT = an_account(tariff="zhejiang-residential-tou")
BILL = a_bill(ACCOUNT, "2026-10", {"peak": 377, "valley": 410}, used_before=2627)


def page_of(bill: Bill, **of_account: object) -> EBill:
    return assemble(
        bill,
        account=replace(ACCOUNT, **of_account),
        name="王**",
        months=(MonthUsage(Month(2026, 10), Decimal(787), is_current=True),),
        reading=ReadingSource("M1", Decimal(1)),
        zone="Asia/Shanghai",
    )


def test_the_page_charges_what_the_bill_charges() -> None:
    page = page_of(BILL)
    assert (page.total, page.kwh, page.payable) == (BILL.total, 787, BILL.total)
    assert [(line.kind, line.period, line.amount) for line in page.lines] == [
        (LineKind.ENERGY, "peak", 21414),
        (LineKind.ENERGY, "valley", 11808),
        (LineKind.SURCHARGE, "total", 3270),
    ]


def test_the_last_day_belongs_to_the_period_and_the_bill_is_dated_in_local_time() -> None:
    page = page_of(BILL)
    assert (page.first_day, page.last_day) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (page.issued_on, page.due_on) == (date(2026, 11, 1), date(2026, 11, 21))


def test_the_number_to_name_at_the_counter_is_whole_and_the_address_is_masked() -> None:
    page = page_of(BILL)
    assert page.account_number == ACCOUNT.number
    assert page.supply_address == "浙江省杭州市********"


@pytest.mark.parametrize("address", ["浙江省杭州市余杭区良渚街道1号", "杭州市1号", ""])
def test_a_masked_address_never_shows_more_than_the_town(address: str) -> None:
    assert masked_address(address).rstrip("*") == address[:6]


def test_the_tier_bar_stands_where_the_bill_does() -> None:
    bar = page_of(BILL).tier_bar
    assert bar is not None
    assert (bar.boundaries, bar.used_before, bar.used_now) == ((2760, 4800), 2627, 787)
    assert bar.cycle_label == "2026-01-01 – 2026-12-31"


def test_the_tiers_of_a_large_household_lie_higher_by_a_hundred_kwh_a_month() -> None:
    bar = page_of(BILL, terms=(Term("large", date(2026, 1, 1)),)).tier_bar
    assert bar is not None
    assert bar.boundaries == (3960, 6000)


def test_a_bill_inside_which_the_tiers_begin_anew_has_no_one_place_in_them() -> None:
    halves = (Days(date(2026, 10, 1), date(2026, 10, 15)), Days(date(2026, 10, 15), date(2026, 11, 1)))

    def page(of: Bill, *versions: str) -> EBill:
        lines = [
            replace(line, version=name, days=days)
            for name, days in zip(versions, halves, strict=True)
            for line in of.lines
        ]
        return page_of(replace(of, lines=tuple(lines), total=Fen(2 * of.total)))

    to_single = page(BILL, "zhejiang-residential-tou@2021-01-01", "zhejiang-residential@2021-01-01").tier_bar
    assert to_single is not None
    assert to_single.boundaries == (2760, 4800)
    assert page(BILL, "zhejiang-residential-tou@2021-01-01", "guangzhou-residential@2021-01-01").tier_bar is None
    monthly = a_bill(an_account(tariff="guangzhou-residential", region="guangzhou"), "2026-10")
    assert page_of(monthly).tier_bar is not None
    assert page(monthly, *["guangzhou-residential@2021-01-01"] * 2).tier_bar is None


def test_a_month_of_electric_heating_stands_in_no_tier() -> None:
    terms = (Term("heating_exempt", date(2025, 1, 1)),)
    home = an_account(tariff="shaanxi-residential", region="shaanxi", terms=terms)
    bar = page_of(a_bill(home, "2026-10"), terms=terms).tier_bar
    assert bar is not None
    assert bar.boundaries == (1260, 2450)
    assert page_of(a_bill(home, "2026-01", uncounted_kwh=Decimal(200)), terms=terms).tier_bar is None


def test_a_single_rate_has_no_periods_to_share() -> None:
    flat = an_account()
    assert page_of(a_bill(flat, "2026-10", 200)).periods == ()
    assert [(one.period, one.kwh) for one in page_of(BILL).periods] == [("peak", 377), ("valley", 410)]


def test_a_held_bill_has_no_page() -> None:
    with pytest.raises(NoSuchBillError, match="no issued bill"):
        page_of(a_bill(ACCOUNT, "2026-10", {"peak": 1, "valley": 1}, status=BillStatus.HELD))


def test_an_imported_bill_shows_its_charges_and_what_is_not_calculated() -> None:
    demand = Charge(ChargeKind.DEMAND, "需量电费", Fen(456_000), Decimal(120), "kW", Decimal(38))
    told = replace(BILL, origin=BillOrigin.IMPORTED, charges=(demand,), total=Fen(BILL.total + 456_000), tariff_code="")
    page = page_of(told)
    assert page.lines[-1].kind is LineKind.DEMAND
    assert [note.kind for note in page.notes] == [NoteKind.NOT_CALCULATED]
    assert page.tier_bar is None


def test_a_bill_of_more_lines_than_the_page_holds_is_told_together_and_adds_up() -> None:
    energy = [
        replace(line, days=Days(date(2026, 10, day), date(2026, 10, day + 1)))
        for day in range(1, 9)
        for line in BILL.lines
    ]
    fees = tuple(Charge(ChargeKind.OTHER, f"fee {number}", Fen(100 + number)) for number in range(40))
    total = Fen(sum(one.amount for one in (*energy, *fees)))
    page = page_of(replace(BILL, lines=tuple(energy), charges=fees, total=total, origin=BillOrigin.IMPORTED))
    assert (page.total, page.kwh) == (total, 8 * 787)
    assert len(page.lines) == MAX_LINES
    assert [(line.kind, line.period, line.kwh) for line in page.lines[:2]] == [
        (LineKind.ENERGY, "peak", 8 * 377),
        (LineKind.ENERGY, "valley", 8 * 410),
    ]
    assert page.lines[0].price == Decimal("0.568")
    assert page.lines[-1].kind is LineKind.REST
    assert "%PDF" in render(page)[:8].decode()


def test_registers_of_many_meters_are_told_together_by_period() -> None:
    rows = tuple(replace(row, meter=f"M{number}") for number in range(9) for row in BILL.registers)
    many = replace(BILL, registers=(*rows[:-1], replace(rows[-1], closing=None)))
    page = page_of(many)
    assert [(row.period, row.billed_kwh, row.multiplier, row.basis) for row in page.registers] == [
        ("peak", 9 * 377, None, Basis.READ),
        ("valley", 9 * 410, None, Basis.ESTIMATED),
    ]
    source = reading_of(many, curves={})
    assert (source.meter_number, source.together) == ("M0 … M8", 9)
    assert "%PDF" in render(replace(page, readings=source))[:8].decode()


def test_a_bill_keeps_the_template_that_it_was_issued_by() -> None:
    assert page_of(replace(BILL, template=FIRST_E_BILL)).template_version == FIRST_E_BILL


def test_a_cancelled_bill_cannot_be_paid_by_its_code() -> None:
    def page(status: BillStatus) -> EBill:
        return assemble(
            replace(BILL, status=status),
            account=ACCOUNT,
            name="",
            months=(),
            reading=ReadingSource("M1"),
            zone="Asia/Shanghai",
            payment_url="https://pay.example/1",
        )

    assert page(BillStatus.ISSUED).payment_url == "https://pay.example/1"
    assert page(BillStatus.CANCELLED).payment_url is None
    assert page(BillStatus.CANCELLED).notes[0].about == f"R{BILL.number}"


def bases_of(bill: Bill) -> list[Basis | None]:
    return [row.basis for row in page_of(bill).registers]


def test_of_each_register_is_known_whether_it_was_read_put_right_shared_or_estimated() -> None:
    peak, valley = BILL.registers
    october = Days(date(2026, 10, 1), date(2026, 11, 1))
    ends = tuple(Reading(peak.point_id, "M1", day, 1, "remote", 0) for day in (october.start, october.end))
    assert bases_of(replace(BILL, readings=ends)) == [Basis.READ, Basis.READ]
    edited = replace(ends[1], quality=7)
    assert bases_of(replace(BILL, readings=(ends[0], edited))) == [Basis.CORRECTED, Basis.CORRECTED]
    late = replace(valley, days=Days(october.start, date(2026, 12, 1)))
    assert bases_of(replace(BILL, registers=(replace(peak, closing=None), late))) == [Basis.ESTIMATED, Basis.SHARED]
    assert bases_of(replace(BILL, origin=BillOrigin.IMPORTED)) == [None, None]


def a_curve(present: int, unsure_days: int = 0) -> PeriodTotals:
    return PeriodTotals(3, 787_000, {}, 31, present, 31 * 96, 0, MADE_AT, unsure_days)


def test_the_curve_of_a_bill_is_as_whole_as_its_intervals_and_of_all_its_points() -> None:
    first, second = (replace(row, point_id=new_id()) for row in BILL.registers)
    both = replace(BILL, registers=(first, second))
    half = a_curve(31 * 48, unsure_days=2)
    told = reading_of(both, curves={first.point_id: half, second.point_id: a_curve(31 * 96)})
    assert (told.coverage, told.unsure_days) == (Decimal("0.75"), 2)
    assert reading_of(both, curves={first.point_id: half}).coverage == Decimal("0.25")
    assert reading_of(both, curves={}).coverage is None


def test_reads_of_people_are_told_from_those_that_the_meter_sent() -> None:
    point = BILL.registers[0].point_id
    reads = tuple(Reading(point, "M1", date(2026, 10, 1), 1, source, 0) for source in ("remote", str(point), "remote"))
    assert reading_of(replace(BILL, readings=reads), curves={}).sources == ("remote", "people")
