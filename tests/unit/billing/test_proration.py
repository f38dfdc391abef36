from datetime import date
from decimal import Decimal

import pytest

from gridhall.billing.accounts.model import TariffLink, Term, TermKind
from gridhall.billing.tariffs.engine import PeriodsDifferError
from gridhall.billing.tariffs.proration import (
    Drawn,
    DrawnOutsideError,
    NoTariffError,
    PeriodQuote,
    periods_to_read,
    price_period,
)
from gridhall.billing.tariffs.recompute_period import recompute_period
from gridhall.kit.localdays import Days, Month

LONG_AGO = date(2021, 1, 1)


def on(code: str, start: date = LONG_AGO, end: date | None = None) -> TariffLink:
    return TariffLink(code, start, end)


def since(kind: TermKind, start: date = LONG_AGO, end: date | None = None) -> Term:
    return Term(kind, start, end)


def priced(*tariffs: TariffLink, month: str, terms: tuple[Term, ...] = (), before: int = 0, **kwh: int) -> PeriodQuote:
    """Price a calendar month; both paths have to agree."""
    label = Month.parse(month)
    used = [Drawn(label.days, {period: Decimal(amount) for period, amount in kwh.items()})]
    found = price_period(
        tariffs=tariffs, terms=terms, days=label.days, month=label, used=used, used_before=Decimal(before)
    )
    again = recompute_period(
        tariffs=tariffs, terms=terms, days=label.days, month=label, used=used, used_before=Decimal(before)
    )
    assert again == found.total
    return found


def surcharged(found: PeriodQuote) -> dict[int, Decimal]:
    shares: dict[int, Decimal] = {}
    for line in found.lines:
        if line.kind == "surcharge":
            shares[line.tier] = shares.get(line.tier, Decimal(0)) + line.kwh
    return shares


class TestAChangeOfTariff:
    CHANGE = date(2026, 8, 11)
    BOTH = (on("zhejiang-residential", end=CHANGE), on("zhejiang-residential-tou", start=CHANGE))

    def test_each_piece_has_the_energy_of_its_days_and_its_own_prices(self) -> None:
        found = priced(*self.BOTH, month="2026-08", peak=377, valley=410)
        assert [(line.version, line.period, line.kwh) for line in found.lines] == [
            ("zhejiang-residential@2021-01-01", "total", 254),
            ("zhejiang-residential-tou@2021-01-01", "peak", 255),
            ("zhejiang-residential-tou@2021-01-01", "valley", 278),
        ]
        assert {line.days for line in found.lines} == {
            Days(date(2026, 8, 1), self.CHANGE),
            Days(self.CHANGE, date(2026, 9, 1)),
        }

    def test_the_second_piece_stands_in_the_tiers_where_the_first_left_it(self) -> None:
        found = priced(*self.BOTH, month="2026-08", before=2627, peak=377, valley=410)
        assert [piece.used_before for piece in found.pieces] == [2627, 2627 + 254]
        assert surcharged(found) == {2: Decimal(654)}

    def test_registers_read_on_the_day_go_before_days(self) -> None:
        august = Month(2026, 8)
        used = [
            Drawn(Days(date(2026, 8, 1), self.CHANGE), {"total": Decimal(700)}),
            Drawn(Days(self.CHANGE, date(2026, 9, 1)), {"peak": Decimal(40), "valley": Decimal(47)}),
        ]
        found = price_period(
            tariffs=self.BOTH, terms=(), days=august.days, month=august, used=used, used_before=Decimal(0)
        )
        assert [dict(piece.kwh) for piece in found.pieces] == [{"total": 700}, {"peak": 40, "valley": 47}]

    def test_energy_that_is_not_told_apart_cannot_be_priced_by_time_of_use(self) -> None:
        with pytest.raises(PeriodsDifferError, match="needs kWh for exactly peak, valley; given total"):
            priced(*self.BOTH, month="2026-08", total=787)

    def test_the_registers_that_a_bill_needs_are_those_of_the_tariff_by_time_of_use(self) -> None:
        days = Month(2026, 8).days
        assert periods_to_read(tariffs=self.BOTH, days=days) == ("peak", "valley")
        assert periods_to_read(tariffs=self.BOTH[:1], days=Month(2026, 7).days) == ("total",)

    def test_tiers_of_a_month_are_shared_by_days(self) -> None:
        change = date(2026, 7, 11)
        both = (on("guangzhou-residential", end=change), on("guangzhou-residential-tou", start=change))
        found = priced(*both, month="2026-07", peak=310, flat=310, valley=310)
        assert [[tier.upto_kwh for tier in piece.tiers] for piece in found.pieces] == [
            [84, 194, None],
            [176, 406, None],
        ]
        assert surcharged(found) == {2: Decimal(340), 3: Decimal(330)}

    def test_a_household_that_goes_over_to_another_cycle_begins_it_anew(self) -> None:
        change = date(2026, 7, 11)
        found = priced(
            on("zhejiang-residential", end=change),
            on("sichuan-residential", change),
            month="2026-07",
            before=3000,
            total=310,
        )
        assert [piece.used_before for piece in found.pieces] == [3000, 0]

    def test_a_day_without_tariff_is_a_fault(self) -> None:
        with pytest.raises(NoTariffError, match="2026-08-01 has 0 of them"):
            priced(on("zhejiang-residential", start=self.CHANGE), month="2026-08", total=1)

    def test_energy_of_other_days_is_a_fault(self) -> None:
        august = Month(2026, 8)
        with pytest.raises(DrawnOutsideError, match="all within the billing period"):
            price_period(
                tariffs=[on("zhejiang-residential")],
                terms=(),
                days=august.days,
                month=august,
                used=[Drawn(Month(2026, 9).days, {"total": Decimal(1)})],
                used_before=Decimal(0),
            )


class TestALargeHousehold:
    def test_has_a_hundred_kwh_more_in_each_tier_of_a_month(self) -> None:
        found = priced(on("guangzhou-residential"), month="2026-07", terms=(since("large"),), total=800)
        assert surcharged(found) == {2: Decimal(340), 3: Decimal(100)}

    def test_and_twelve_times_as_much_in_a_year(self) -> None:
        found = priced(on("zhejiang-residential"), month="2026-12", terms=(since("large"),), before=3900, total=100)
        assert surcharged(found) == {2: Decimal(40)}

    def test_a_month_begun_is_a_whole_one(self) -> None:
        terms = (since("large", date(2026, 11, 30)),)
        found = priced(on("zhejiang-residential"), month="2026-12", terms=terms, before=2900, total=100)
        assert surcharged(found) == {2: Decimal(40)}

    def test_from_the_day_on_which_it_is_one(self) -> None:
        terms = (since("large", date(2026, 7, 17)),)
        found = priced(on("guangzhou-residential"), month="2026-07", terms=terms, total=620)
        assert [piece.tiers[0].upto_kwh for piece in found.pieces] == [134, 174]

    def test_where_surcharges_differ_by_period_too(self) -> None:
        terms = (since("large", date(2026, 7, 1)),)
        found = priced(on("shanghai-residential-tou"), month="2026-07", terms=terms, before=2321, peak=0, valley=1400)
        assert found.lines[-1].amount == 3

    def test_where_a_tariff_offers_nothing_it_pays_what_others_pay(self) -> None:
        found = priced(on("sichuan-residential"), month="2026-07", terms=(since("large"),), total=300)
        assert found == priced(on("sichuan-residential"), month="2026-07", total=300)


class TestAHouseholdHeatedByElectricity:
    def test_pays_tier_one_in_the_season_which_does_not_count(self) -> None:
        terms = (since("heating_exempt"),)
        found = priced(on("shaanxi-residential"), month="2026-01", terms=terms, before=5000, total=1000)
        assert (found.total, found.kwh, found.counted_kwh) == (49830, 1000, 0)

    def test_and_has_smaller_tiers_in_the_other_months(self) -> None:
        terms = (since("heating_exempt"),)
        found = priced(on("shaanxi-residential"), month="2026-10", terms=terms, before=1200, total=1300)
        assert surcharged(found) == {2: Decimal(2450 - 1260), 3: Decimal(50)}
        assert found.counted_kwh == 1300

    def test_others_pay_by_the_year_in_winter_too(self) -> None:
        assert surcharged(priced(on("shaanxi-residential"), month="2026-01", before=5000, total=1000)) == {3: 1000}


class TestASubsidisedHousehold:
    def test_has_its_first_kwh_free_in_a_line_of_their_own(self) -> None:
        found = priced(on("zhejiang-residential"), month="2026-08", terms=(since("subsidised"),), total=100)
        line = found.lines[-1]
        assert (line.kind, line.kwh, line.price, line.amount) == ("allowance", 15, Decimal("-0.538"), -807)
        assert found.total == 5380 - 807

    def test_those_of_the_dearest_period_first(self) -> None:
        terms = (since("subsidised"),)
        found = priced(on("zhejiang-residential-tou"), month="2026-08", terms=terms, peak=10, valley=100)
        free = [(line.period, line.kwh) for line in found.lines if line.kind == "allowance"]
        assert free == [("peak", 10), ("valley", 5)]

    def test_never_more_than_it_used(self) -> None:
        terms = (since("subsidised"),)
        assert priced(on("zhejiang-residential"), month="2026-08", terms=terms, total=9).total == 0

    def test_by_day_where_it_begins_within_the_month(self) -> None:
        terms = (since("subsidised", date(2026, 8, 21)),)
        found = priced(on("zhejiang-residential"), month="2026-08", terms=terms, total=310)
        assert [piece.free_kwh for piece in found.pieces] == [0, 5]

    def test_and_what_is_free_still_counts_to_the_tiers(self) -> None:
        found = priced(on("zhejiang-residential"), month="2026-08", terms=(since("subsidised"),), total=100)
        assert found.counted_kwh == 100


def test_a_month_that_crosses_two_tiers_is_not_priced_wholly_at_the_highest() -> None:
    found = priced(on("shaanxi-residential"), month="2026-10", before=2100, total=2200)
    assert found.total == 122826
    assert found.total != round(2200 * 79.83)


def test_several_homes_behind_one_meter_pay_one_price_without_tiers() -> None:
    found = priced(on("guangzhou-residential-shared"), month="2026-08", before=9000, total=5000)
    assert [(line.kind, line.amount) for line in found.lines] == [("energy", 312934)]
