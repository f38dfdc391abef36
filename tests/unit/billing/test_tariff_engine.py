"""Facts: bills that two households really received, and the figures of public price notices."""

from decimal import Decimal

import pytest

from gridhall.billing.tariffs.catalogue import version
from gridhall.billing.tariffs.engine import Line, PeriodsDifferError, Quote, quote
from gridhall.billing.tariffs.tiers import NegativeConsumptionError
from gridhall.kit.localdays import Month


def priced(code: str, month: str, used: dict[str, int], used_before: int = 0) -> Quote:
    on_month = Month.parse(month)
    return quote(
        version(code, on=on_month.first),
        on_month=on_month,
        used={period: Decimal(kwh) for period, kwh in used.items()},
        used_before=Decimal(used_before),
    )


class TestRealBills:
    @pytest.mark.parametrize(
        ("month", "peak", "valley", "used_before", "fen"),
        [
            ("2024-01", 301, 118, 0, 20495),
            ("2024-02", 415, 143, 419, 27690),
            ("2024-08", 377, 410, 2627, 36492),
            ("2024-10", 129, 88, 3915, 10946),
        ],
    )
    def test_a_household_in_zhejiang_pays_what_it_paid(
        self, month: str, peak: int, valley: int, used_before: int, fen: int
    ) -> None:
        found = priced("zhejiang-residential-tou", month, {"peak": peak, "valley": valley}, used_before)
        assert found.total == fen

    @pytest.mark.parametrize(
        ("month", "peak", "flat", "valley", "fen"), [("2026-02", 35, 33, 32, 4363), ("2026-03", 54, 47, 45, 6417)]
    )
    def test_a_household_in_sichuan_pays_what_it_paid(
        self, month: str, peak: int, flat: int, valley: int, fen: int
    ) -> None:
        found = priced("sichuan-residential-tou", month, {"peak": peak, "flat": flat, "valley": valley})
        assert found.total == fen


class TestLines:
    def test_a_bill_has_a_line_a_period_and_one_a_higher_tier(self) -> None:
        found = priced("zhejiang-residential-tou", "2024-08", {"peak": 377, "valley": 410}, 2627)
        assert found.lines == (
            Line("energy", "peak", 1, Decimal(377), Decimal("0.568"), 21414),
            Line("energy", "valley", 1, Decimal(410), Decimal("0.288"), 11808),
            Line("surcharge", None, 2, Decimal(654), Decimal("0.05"), 3270),
        )

    def test_energy_that_crosses_two_tiers_is_not_priced_wholly_at_the_highest(self) -> None:
        assert priced("shaanxi-residential", "2024-08", {"total": 2200}, 2100).total == 122826

    def test_the_last_kwh_of_a_tier_still_costs_its_price(self) -> None:
        assert priced("zhejiang-residential", "2024-08", {"total": 1}, 2759).total == 54
        assert priced("zhejiang-residential", "2024-08", {"total": 1}, 2760).total == 59

    def test_a_month_without_use_costs_nothing(self) -> None:
        assert priced("zhejiang-residential", "2024-08", {"total": 0}).total == 0

    @pytest.mark.parametrize(("month", "fen"), [("2026-05", 2535), ("2026-06", 1750), ("2026-11", 2535)])
    def test_the_valley_of_sichuan_is_cheaper_in_summer(self, month: str, fen: int) -> None:
        found = priced("sichuan-residential-tou", month, {"peak": 0, "flat": 0, "valley": 100})
        assert found.total == fen

    def test_guangzhou_prices_by_period_to_eight_decimals_and_then_by_tier_of_the_season(self) -> None:
        used = {"peak": 100, "flat": 150, "valley": 50}
        energy = (
            Line("energy", "peak", 1, Decimal(100), Decimal("0.99500875"), 9950),
            Line("energy", "flat", 1, Decimal(150), Decimal("0.58886875"), 8833),
            Line("energy", "valley", 1, Decimal(50), Decimal("0.22914475"), 1146),
        )
        summer = Line("surcharge", None, 2, Decimal(40), Decimal("0.05"), 200)
        winter = Line("surcharge", None, 2, Decimal(100), Decimal("0.05"), 500)
        assert priced("guangzhou-residential-tou", "2026-07", used).lines == (*energy, summer)
        assert priced("guangzhou-residential-tou", "2026-01", used).lines == (*energy, winter)

    @pytest.mark.parametrize(("month", "fen"), [("2026-04", 46776), ("2026-05", 41476), ("2026-11", 46776)])
    def test_a_month_of_650_kwh_in_guangzhou_costs_more_in_winter(self, month: str, fen: int) -> None:
        assert priced("guangzhou-residential", month, {"total": 650}).total == fen


class TestRefusals:
    @pytest.mark.parametrize("used", [{"peak": 1}, {"total": 1}, {"peak": 1, "valley": 1, "flat": 1}, {}])
    def test_energy_must_come_by_the_periods_of_the_tariff(self, used: dict[str, int]) -> None:
        with pytest.raises(PeriodsDifferError, match="needs kWh for exactly peak, valley"):
            priced("zhejiang-residential-tou", "2024-08", used)

    @pytest.mark.parametrize(("used", "before"), [({"peak": 5, "valley": -1}, 0), ({"peak": 5, "valley": 1}, -1)])
    def test_energy_below_zero_is_a_fault(self, used: dict[str, int], before: int) -> None:
        with pytest.raises(NegativeConsumptionError):
            priced("zhejiang-residential-tou", "2024-08", used, before)
