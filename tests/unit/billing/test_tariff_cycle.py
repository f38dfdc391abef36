from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.billing.tariffs.catalogue import version
from gridhall.billing.tariffs.cycle import TierPosition, cycle_days, position
from gridhall.billing.tariffs.model import Cycle, QuantityRule
from gridhall.billing.tariffs.quantity import billed_energy
from gridhall.billing.tariffs.tiers import NegativeConsumptionError
from gridhall.kit.localdays import Days

cycles = st.builds(Cycle, st.sampled_from(["year", "month"]), st.integers(1, 12), st.integers(1, 28))


class TestCycleDays:
    @pytest.mark.parametrize(
        ("day", "first_year"), [(date(2026, 6, 30), 2025), (date(2026, 7, 1), 2026), (date(2027, 6, 30), 2026)]
    )
    def test_the_year_of_shaanxi_starts_in_july(self, day: date, first_year: int) -> None:
        cycle = version("shaanxi-residential", on=day).cycle
        assert cycle_days(cycle, on=day) == Days(date(first_year, 7, 1), date(first_year + 1, 7, 1))

    def test_the_year_of_zhejiang_is_the_calendar_year(self) -> None:
        cycle = version("zhejiang-residential", on=date(2026, 12, 31)).cycle
        assert cycle_days(cycle, on=date(2026, 12, 31)) == Days(date(2026, 1, 1), date(2027, 1, 1))

    def test_sichuan_counts_by_month(self) -> None:
        cycle = version("sichuan-residential", on=date(2026, 2, 28)).cycle
        assert cycle_days(cycle, on=date(2026, 2, 28)) == Days(date(2026, 2, 1), date(2026, 3, 1))

    @given(cycles, st.dates(date(2000, 1, 1), date(2100, 1, 1)))
    def test_every_day_is_in_its_cycle_and_the_next_cycle_follows(self, cycle: Cycle, day: date) -> None:
        days = cycle_days(cycle, on=day)
        assert day in days
        assert cycle_days(cycle, on=days.end).start == days.end
        assert cycle_days(cycle, on=days.end - timedelta(days=1)) == days


class TestPosition:
    @pytest.mark.parametrize(
        ("used", "expected"),
        [
            ("0", (1, "0", "2760", "2760")),
            ("2627", (1, "0", "2760", "133")),
            ("2760", (1, "0", "2760", "0")),
            ("2760.001", (2, "2760", "4800", "2039.999")),
            ("4801", (3, "4800", None, None)),
        ],
    )
    def test_a_household_stands_where_its_last_kwh_fell(
        self, used: str, expected: tuple[int, str, str | None, str | None]
    ) -> None:
        tier, starts_at, upto, remaining = expected
        found = position(version("zhejiang-residential", on=date(2026, 8, 1)).tiers_in(8), used_in_cycle=Decimal(used))
        assert found == TierPosition(
            tier, Decimal(used), Decimal(starts_at), upto and Decimal(upto), remaining and Decimal(remaining)
        )

    @pytest.mark.parametrize(
        ("month", "used", "tier", "remaining"),
        [(4, 200, 1, 0), (4, 201, 2, 199), (4, 401, 3, None), (5, 260, 1, 0), (10, 261, 2, 339), (11, 261, 2, 139)],
    )
    def test_the_tiers_of_guangzhou_are_wider_from_may_to_october(
        self, month: int, used: int, tier: int, remaining: int | None
    ) -> None:
        for code in ("guangzhou-residential", "guangzhou-residential-tou"):
            found = position(version(code, on=date(2026, month, 1)).tiers_in(month), used_in_cycle=Decimal(used))
            assert (found.tier, found.remaining) == (tier, remaining)

    def test_a_position_below_zero_is_a_fault(self) -> None:
        with pytest.raises(NegativeConsumptionError):
            position(version("zhejiang-residential", on=date(2026, 8, 1)).tiers_in(8), used_in_cycle=Decimal(-1))


class TestBilledEnergy:
    def test_what_is_left_of_a_kwh_is_billed_in_the_next_month(self) -> None:
        rule = version("zhejiang-residential", on=date(2026, 8, 1)).quantity
        first = billed_energy(rule, metered=Decimal("100.75"))
        second = billed_energy(rule, metered=Decimal("50.25"), carried=first.carried)
        assert (first.kwh, first.carried) == (100, Decimal("0.75"))
        assert (second.kwh, second.carried) == (51, 0)

    def test_a_rule_may_leave_the_rest_unbilled(self) -> None:
        found = billed_energy(QuantityRule(Decimal(1), "half_up", carried=False), metered=Decimal("7.5"))
        assert (found.kwh, found.carried) == (8, 0)

    @given(st.lists(st.decimals(0, 3000, places=2), max_size=24), st.sampled_from(["down", "half_up"]))
    def test_nothing_is_lost_or_added_over_the_years(self, metered: list[Decimal], rounding: str) -> None:
        rule = QuantityRule(Decimal(1), rounding, carried=True)  # type: ignore[arg-type]
        billed, carried = Decimal(0), Decimal(0)
        for month in metered:
            found = billed_energy(rule, metered=month, carried=carried)
            billed, carried = billed + found.kwh, found.carried
        assert billed + carried == sum(metered)
        assert abs(carried) < 1
