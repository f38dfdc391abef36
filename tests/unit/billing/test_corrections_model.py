"""Which reads a bill stands on, so that a change of one of them questions it, and of no other."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from gridhall.billing.bills.model import Bill, RegisterRow
from gridhall.billing.corrections.model import Correction, borders, of_register
from gridhall.kit.localdays import Days
from tests.factories.accounts import an_account, point_of
from tests.factories.bills import a_bill

NOW = datetime(2026, 11, 5, 2, tzinfo=UTC)
HOME = an_account()
POINT = point_of(HOME)
FIRST, MIDDLE, LAST, MAY = date(2026, 2, 1), date(2026, 2, 10), date(2026, 3, 1), date(2026, 5, 1)


def a_row(meter: str, days: Days | None, opening: int, closing: int, *, multiplier: int = 1) -> RegisterRow:
    used = Decimal(closing - opening)
    return RegisterRow(POINT, meter, "total", Decimal(opening), Decimal(closing), multiplier, used, days)


def february(*rows: RegisterRow) -> Bill:
    return replace(a_bill(HOME, "2026-02", 200), registers=rows)


def corrected(bill: Bill, day: date, shown: int, *, meter: str = "M1") -> Correction | None:
    return of_register(bill, point_id=POINT, day=day, shown={(meter, "total"): Decimal(shown)}, now=NOW)


def figures(found: Correction | None) -> tuple[object, object]:
    assert found is not None
    return found.before, found.after


def test_the_reads_at_both_ends_are_its_own() -> None:
    bill = february(a_row("M1", Days(FIRST, LAST), 1000, 1200))
    assert borders(bill) == {(POINT, FIRST), (POINT, LAST)}
    assert corrected(bill, LAST, 1200) is None
    assert figures(corrected(bill, LAST, 1190)) == ((("M1 total", "1200"),), (("M1 total", "1190"),))
    assert corrected(bill, MIDDLE, 1190) is None


def test_so_they_are_of_a_bill_that_did_not_keep_their_days() -> None:
    bill = february(a_row("M1", None, 1000, 1200))
    assert borders(bill) == {(POINT, FIRST), (POINT, LAST)}
    assert figures(corrected(bill, FIRST, 990)) == ((("M1 total", "1000"),), (("M1 total", "990"),))


def test_the_last_read_of_a_meter_that_was_taken_away_is_one_too() -> None:
    bill = february(a_row("M1", Days(FIRST, MIDDLE), 1000, 1100), a_row("M2", Days(MIDDLE, LAST), 0, 100))
    assert figures(corrected(bill, MIDDLE, 1110)) == ((("M1 total", "1100"),), (("M1 total", "1110"),))
    assert figures(corrected(bill, MIDDLE, 3, meter="M2")) == ((("M2 total", "0"),), (("M2 total", "3"),))


def test_a_meter_that_got_another_multiplier_is_told_once() -> None:
    bill = february(
        a_row("M1", Days(FIRST, MIDDLE), 1000, 1100), a_row("M1", Days(MIDDLE, LAST), 1100, 1200, multiplier=40)
    )
    assert figures(corrected(bill, MIDDLE, 1110)) == ((("M1 total", "1100"),), (("M1 total", "1110"),))


def test_a_bill_that_caught_up_stands_on_the_read_at_its_end_and_on_none_between() -> None:
    bill = february(a_row("M1", Days(FIRST, MAY), 1310, 1755))
    assert borders(bill) == {(POINT, FIRST), (POINT, MAY)}
    assert corrected(bill, LAST, 1450) is None
    assert figures(corrected(bill, MAY, 1750)) == ((("M1 total", "1755"),), (("M1 total", "1750"),))
