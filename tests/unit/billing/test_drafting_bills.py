"""From two register reads to a bill, month after month."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import accumulate, pairwise
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.accounts.model import Account, PointLink
from gridhall.billing.bills.model import Bill, BillStatus
from gridhall.billing.bills.rows import billed_kwh
from gridhall.billing.tariffs.catalogue import tariff, tariff_codes
from gridhall.billing.tariffs.engine import quote
from gridhall.kit.ids import new_id
from gridhall.kit.localdays import Month
from tests.factories.accounts import an_account, point_of
from tests.factories.bills import a_bill_drafted
from tests.factories.reads import a_read

SHIPPED_RULES = sorted({one.quantity for code in tariff_codes() for one in tariff(code).versions}, key=repr)


def billed_through(account: Account, first: str, shown: Sequence[Mapping[str, str]]) -> list[Bill]:
    """Bill one month after the other by what the meter showed at their beginnings and at the last one's end."""
    bills: list[Bill] = []
    for back, (opening, closing) in enumerate(pairwise(shown)):
        month = Month.parse(first).shift(back)
        days = account.period(month)
        point = point_of(account)
        reads = a_read(point, days.start, opening), a_read(point, days.end, closing)
        drafted = a_bill_drafted(account, str(month), *reads, earlier=bills)
        bills.append(replace(drafted, status=BillStatus.ISSUED))
    return bills


def totals(*shown: str) -> list[dict[str, str]]:
    return [{"total": text} for text in shown]


class TestABill:
    def test_it_is_made_but_not_issued(self) -> None:
        account = an_account()
        bill = a_bill_drafted(
            account,
            "2026-01",
            a_read(point_of(account), date(2026, 1, 1), "100.00"),
            a_read(point_of(account), date(2026, 2, 1), "300.00"),
        )
        assert (bill.kwh, bill.total) == (Decimal(200), 10760)
        assert (bill.status, bill.issued_at, bill.owed) == (BillStatus.DRAFT, None, 0)

    def test_it_names_the_tariff_version_the_reads_and_the_days(self) -> None:
        (bill,) = billed_through(an_account(read_day=15, kept_since=date(2026, 1, 15)), "2026-01", totals("1.50", "9"))
        assert (bill.tariff_code, bill.tariff_from) == ("zhejiang-residential", date(2021, 1, 1))
        assert (bill.days.start, bill.days.end) == (date(2026, 1, 15), date(2026, 2, 15))
        (row,) = bill.registers
        assert (row.meter, row.opening, row.closing, row.kwh) == ("M1", Decimal("1.50"), Decimal(9), Decimal(8))

    def test_a_time_of_use_bill_has_a_row_and_a_line_a_period(self) -> None:
        account = an_account(tariff="zhejiang-residential-tou")
        shown = [{"peak": "10.00", "valley": "20.00"}, {"peak": "110.00", "valley": "220.00"}]
        (bill,) = billed_through(account, "2026-01", shown)
        assert bill.by_period() == {"peak": Decimal(100), "valley": Decimal(200)}
        assert [line.amount for line in bill.lines] == [5680, 5760]

    def test_a_transformer_meter_counts_its_multiple(self) -> None:
        account = an_account()
        reads = [
            a_read(point_of(account), day, text, multiplier=40)
            for day, text in ((date(2026, 1, 1), "10.01"), (date(2026, 2, 1), "15.02"))
        ]
        bill = a_bill_drafted(account, "2026-01", *reads)
        # 10.01 x 40 = 400.4 left 0.4 unbilled, and 15.02 x 40 = 600.8 leaves 0.8.
        assert bill.kwh == Decimal(200)

    def test_two_points_are_one_bill(self) -> None:
        start, end = date(2026, 1, 1), date(2026, 2, 1)
        one, two = PointLink(new_id(), start), PointLink(new_id(), start)
        account = an_account(points=(one, two))
        bill = a_bill_drafted(
            account,
            "2026-01",
            *(a_read(one.point_id, start, "0.00"), a_read(one.point_id, end, "70.00")),
            *(a_read(two.point_id, start, "5.00", meter="M2"), a_read(two.point_id, end, "35.00", meter="M2")),
        )
        assert bill.by_period() == {"total": Decimal(100)}
        assert [row.kwh for row in bill.registers] == [Decimal(70), Decimal(30)]

    def test_a_month_without_use_is_billed_at_nothing(self) -> None:
        (bill,) = billed_through(an_account(), "2026-01", totals("100.00", "100.00"))
        assert (bill.kwh, bill.total) == (0, 0)


class TestTiers:
    def test_the_tiers_go_on_from_month_to_month(self) -> None:
        bills = billed_through(an_account(), "2026-01", totals("0", "2000", "3000", "5000"))
        assert [bill.used_before for bill in bills] == [0, 2000, 3000]
        # 2,760 kWh at tier 1; the second month has 240 in tier 2, the third 1,800 there and 200 in tier 3.
        assert [bill.total for bill in bills] == [107600, 53800 + 1200, 107600 + 9000 + 6000]

    def test_a_new_cycle_begins_at_tier_one(self) -> None:
        account = an_account(kept_since=date(2026, 12, 1), carried_kwh=2700)
        december, january = billed_through(account, "2026-12", totals("0", "1000", "2000"))
        assert (december.used_before, january.used_before) == (2700, 0)
        assert january.total == 53800

    def test_a_cycle_may_begin_in_july(self) -> None:
        account = an_account(tariff="shaanxi-residential", region="shaanxi", kept_since=date(2026, 5, 1))
        bills = billed_through(account, "2026-05", totals("0", "100", "300", "600", "1000"))
        assert [bill.used_before for bill in bills] == [0, 100, 0, 300]

    def test_a_monthly_cycle_carries_nothing_over(self) -> None:
        account = an_account(tariff="sichuan-residential", region="sichuan")
        bills = billed_through(account, "2026-01", totals("0", "400", "800"))
        assert [bill.used_before for bill in bills] == [0, 0]

    def test_what_others_billed_before_counts_in_its_own_cycle_only(self) -> None:
        account = an_account(kept_since=date(2026, 11, 1), carried_kwh=2800)
        bills = billed_through(account, "2026-11", totals("0", "100", "200", "300"))
        assert [bill.used_before for bill in bills] == [2800, 2900, 0]

    def test_a_period_belongs_to_the_cycle_in_which_it_begins(self) -> None:
        account = an_account(read_day=15, kept_since=date(2026, 11, 15))
        bills = billed_through(account, "2026-11", totals("0", "100", "200", "300"))
        assert [(str(bill.days.start), bill.used_before) for bill in bills] == [
            ("2026-11-15", 0),
            ("2026-12-15", 100),
            ("2027-01-15", 0),
        ]

    @given(st.lists(st.integers(0, 120_000), min_size=1, max_size=11))
    def test_cutting_a_cycle_into_months_changes_the_charge_by_rounding_alone(self, uses: list[int]) -> None:
        shown = [f"{count / 100:.2f}" for count in accumulate(uses, initial=0)]
        bills = billed_through(an_account(), "2026-01", totals(*shown))
        version = tariff("zhejiang-residential").versions[0]
        kwh = {"total": sum((bill.kwh for bill in bills), Decimal(0))}
        whole = quote(version, on_month=Month(2026, 1), used=kwh, used_before=Decimal(0))
        lines = len(whole.lines) + sum(len(bill.lines) for bill in bills)
        assert abs(sum(bill.total for bill in bills) - whole.total) <= lines / 2


class TestWholeKilowattHours:
    @given(st.integers(0, 10**7), st.lists(st.integers(0, 10**5), min_size=1, max_size=10))
    def test_what_a_month_leaves_over_comes_with_the_next(self, first: int, uses: list[int]) -> None:
        counts = list(accumulate(uses, initial=first))
        shown = [f"{count // 100}.{count % 100:02d}" for count in counts]
        bills = billed_through(an_account(), "2026-01", totals(*shown))
        assert sum(bill.kwh for bill in bills) == floor(counts[-1] / 100) - floor(counts[0] / 100)
        assert all(bill.kwh == int(bill.kwh) for bill in bills)

    @pytest.mark.parametrize("rule", SHIPPED_RULES, ids=str)
    @given(data=st.data())
    def test_so_do_the_steps_of_a_multiplied_meter(self, rule: object, data: st.DataObject) -> None:
        multiplier = data.draw(st.integers(1, 400))
        counts = list(accumulate(data.draw(st.lists(st.integers(0, 10**5), min_size=2, max_size=10))))
        shown = [Decimal(count) / 100 for count in counts]
        billed = [billed_kwh(rule, opening=a, closing=b, multiplier=multiplier) for a, b in pairwise(shown)]
        assert sum(billed) == floor(shown[-1] * multiplier) - floor(shown[0] * multiplier)
        assert min(billed) >= 0


class TestOverTheEndOfItsDigits:
    @given(
        st.integers(0, 99_999_99),
        st.lists(st.integers(0, 999_999), min_size=1, max_size=6),
        st.sampled_from([1, 40]),
    )
    def test_months_add_up_to_all_that_was_counted(self, first: int, used: list[int], multiplier: int) -> None:
        """A meter of five digits and two decimals, in hundredths; what it counts is billed whole, once."""
        account = an_account()
        counted = list(accumulate(used, initial=first))
        bills: list[Bill] = []
        for back, (before, after) in enumerate(pairwise(counted)):
            month = Month.parse("2026-01").shift(back)
            days = account.period(month)
            reads = [
                a_read(point_of(account), day, f"{Decimal(shown % 10_000_000) / 100}", multiplier=multiplier)
                for day, shown in ((days.start, before), (days.end, after))
            ]
            bill = a_bill_drafted(account, str(month), *reads, earlier=bills, digits={"M1": 5})
            bills.append(replace(bill, status=BillStatus.ISSUED))
        total = floor(Decimal(counted[-1] * multiplier) / 100) - floor(Decimal(first * multiplier) / 100)
        assert sum(bill.kwh for bill in bills) == total
        assert all(row.closing < 100_000 for bill in bills for row in bill.registers)
