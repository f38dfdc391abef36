"""A bill over a meter exchange: a row a meter, nothing lost and nothing twice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from gridhall.billing.bills.drafting import Sources, draft
from gridhall.billing.bills.meters import Move, moves_of
from gridhall.billing.bills.model import Bill
from gridhall.billing.waits.model import Waiting
from gridhall.kit.localdays import Days, Month
from gridhall.metering.points.model import MeterLink, ServicePoint
from gridhall.metering.registers.model import RegisterRead
from tests.factories.accounts import an_account, point_of
from tests.factories.bills import MADE_AT
from tests.factories.reads import a_read, by_place

JANUARY, MOVED, FEBRUARY = date(2026, 1, 1), date(2026, 1, 20), date(2026, 2, 1)
ACCOUNT = an_account()
POINT = point_of(ACCOUNT)
OPENING = a_read(POINT, JANUARY, "100.00")
OLD_LAST = a_read(POINT, MOVED, "161.00", closing=True)
NEW_FIRST = a_read(POINT, MOVED, "2.00", meter="M2", multiplier=10)


def drafted(closing: RegisterRead | None, *moves: Move) -> Bill | Waiting:
    reads = by_place(OPENING, *((closing,) if closing else ()))
    sources = Sources(reads=reads, earlier={}, moves={POINT: moves})
    return draft(account=ACCOUNT, month=Month(2026, 1), sources=sources, now=MADE_AT)


def rows(bill: Bill | Waiting) -> list[tuple[str, str, str, int, Decimal]]:
    assert isinstance(bill, Bill), bill
    return [(row.meter, str(row.opening), str(row.closing), row.multiplier, row.kwh) for row in bill.registers]


def test_each_meter_is_billed_for_what_it_counted_by_its_own_multiplier() -> None:
    closing = a_read(POINT, FEBRUARY, "5.00", meter="M2", multiplier=10)
    bill = drafted(closing, Move(MOVED, "M1", "M2", (NEW_FIRST, OLD_LAST)))
    assert rows(bill) == [("M1", "100.00", "161.00", 1, Decimal(61)), ("M2", "2.00", "5.00", 10, Decimal(30))]
    assert isinstance(bill, Bill)
    assert bill.kwh == 91


def test_an_exchange_as_the_period_ends_closes_it_by_the_old_meter() -> None:
    last = replace(OLD_LAST, day=FEBRUARY)
    new = a_read(POINT, FEBRUARY, "0.00", meter="M2")
    bill = drafted(new, Move(FEBRUARY, "M1", "M2", (new, last)))
    assert rows(bill) == [("M1", "100.00", "161.00", 1, Decimal(61))]


def test_another_multiplier_holds_from_its_day_on() -> None:
    moved = a_read(POINT, MOVED, "161.00", multiplier=30)
    closing = a_read(POINT, FEBRUARY, "162.00", multiplier=30)
    assert [row[3:] for row in rows(drafted(closing, Move(MOVED, "M1", "M1", (moved,))))] == [
        (1, Decimal(61)),
        (30, Decimal(30)),
    ]


def test_without_a_read_of_both_meters_the_bill_waits() -> None:
    closing = a_read(POINT, FEBRUARY, "5.00", meter="M2", multiplier=10)
    for kept in ((NEW_FIRST,), (OLD_LAST,), ()):
        waiting = drafted(closing, Move(MOVED, "M1", "M2", kept))
        assert waiting == Waiting("no_register_read", (("day", "2026-01-20"),))


def test_an_exchange_is_of_the_period_that_it_falls_into_or_ends() -> None:
    links = (MeterLink("M1", date(2025, 1, 1), MOVED), MeterLink("M2", MOVED))
    point = ServicePoint(POINT, "zhejiang", "grid", "Asia/Shanghai", "single", links)
    for days, count in (
        (Days(JANUARY, FEBRUARY), 1),
        (Days(JANUARY, MOVED), 1),
        (Days(MOVED, FEBRUARY), 0),
        (Days(FEBRUARY, date(2026, 3, 1)), 0),
    ):
        assert len(list(moves_of(point, days=days))) == count
