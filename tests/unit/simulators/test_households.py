from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.kit.localdays import Days, Month
from gridhall.simulators.households import Household, day_rows, households
from gridhall.simulators.households.feed import TooEarlyError
from gridhall.simulators.households.weather import UnknownClimateError

SHANGHAI = "Asia/Shanghai"
REGIONS = ("zhejiang", "shaanxi")
EVERYBODY = households(60, REGIONS, 7)
YEAR = Days(date(2025, 11, 1), date(2026, 11, 1))


def rows(household: Household, days: Days = YEAR, zone: str = SHANGHAI) -> dict[date, tuple[int, ...]]:
    return {row.day: row.wh for row in day_rows(household, days=days, zone=zone)}


def month_kwh(household: Household, label: str) -> float:
    return sum(sum(wh) for wh in rows(household, Month.parse(label).days).values()) / 1000


def region(name: str) -> list[Household]:
    return [one for one in EVERYBODY if one.region == name]


class TestHouseholds:
    def test_the_same_seed_draws_the_same_people(self) -> None:
        assert households(60, REGIONS, 7) == EVERYBODY
        assert households(10, REGIONS, 7) == EVERYBODY[:10]
        assert households(60, REGIONS, 8) != EVERYBODY

    def test_regions_take_turns_and_every_meter_is_its_own(self) -> None:
        assert [len(region(name)) for name in REGIONS] == [30, 30]
        assert len({one.meter_no for one in EVERYBODY}) == 60

    def test_a_region_without_weather_is_refused(self) -> None:
        with pytest.raises(UnknownClimateError, match="'atlantis' has no climate here; there are shaanxi, zhejiang"):
            households(1, ["atlantis"], 7)


class TestDays:
    @settings(max_examples=20)
    @given(st.integers(0, 59), st.dates(date(2024, 1, 1), date(2027, 12, 1)), st.integers(0, 40), st.integers(1, 40))
    def test_a_day_is_the_same_whichever_range_it_was_asked_in(
        self, who: int, day: date, before: int, after: int
    ) -> None:
        start = max(date.fromordinal(day.toordinal() - before), date(2024, 1, 1))
        end = date.fromordinal(day.toordinal() + after)
        alone = rows(EVERYBODY[who], Days(day, date.fromordinal(day.toordinal() + 1)))
        assert rows(EVERYBODY[who], Days(start, end))[day] == alone[day]

    def test_a_local_day_has_ninety_six_quarter_hours(self) -> None:
        assert {len(wh) for wh in rows(EVERYBODY[0]).values()} == {96}

    @pytest.mark.parametrize(("day", "slots"), [(date(2026, 3, 29), 92), (date(2026, 10, 25), 100)])
    def test_a_day_on_which_the_clocks_change_has_its_real_quarter_hours(self, day: date, slots: int) -> None:
        one_day = Days(day, date.fromordinal(day.toordinal() + 1))
        assert len(rows(EVERYBODY[0], one_day, "Europe/Berlin")[day]) == slots

    def test_days_before_the_first_are_refused(self) -> None:
        with pytest.raises(TooEarlyError, match="2023-12-31 is before 2024-01-01"):
            rows(EVERYBODY[0], Days(date(2023, 12, 31), date(2024, 1, 2)))


class TestPlausibility:
    def test_a_year_is_what_the_household_uses(self) -> None:
        for one in EVERYBODY[:20]:
            year = sum(sum(wh) for wh in rows(one).values()) / 1000
            assert 2_000 <= one.annual_kwh <= 5_000
            assert year == pytest.approx(one.annual_kwh, rel=0.15)

    def test_no_quarter_hour_is_beyond_a_household_fuse(self) -> None:
        readings = [wh for one in EVERYBODY[:10] for day in rows(one).values() for wh in day]
        assert min(readings) >= 0
        assert max(readings) <= 2_500

    def test_no_two_days_are_alike(self) -> None:
        days = list(rows(EVERYBODY[0]).values())
        assert len(set(days)) == len(days)

    def test_zhejiang_is_highest_in_summer_and_shaanxi_in_winter(self) -> None:
        summer = {name: sum(month_kwh(one, "2026-07") for one in region(name)) for name in REGIONS}
        winter = {name: sum(month_kwh(one, "2026-01") for one in region(name)) for name in REGIONS}
        assert summer["zhejiang"] > 1.15 * winter["zhejiang"]
        assert winter["shaanxi"] > 1.15 * summer["shaanxi"]

    def test_an_electric_car_charges_at_night(self) -> None:
        driver = next(one for one in EVERYBODY if one.car)
        days = rows(driver, Month.parse("2026-04").days).values()
        assert sum(max(wh[:32]) > 1_600 for wh in days) >= 5

    def test_some_are_away_at_the_spring_festival(self) -> None:
        festival = Days(date(2026, 2, 17), date(2026, 2, 20))
        quiet = [one for one in EVERYBODY if sum(map(sum, rows(one, festival).values())) < 3 * one.annual_kwh * 0.8]
        assert 5 <= len(quiet) <= 40
