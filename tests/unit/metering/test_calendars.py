from datetime import date

import pytest

from gridhall.metering.calendars import UnknownCalendarError, calendar, calendar_codes, periods_of_day

SHANGHAI = "Asia/Shanghai"
DAY = date(2026, 10, 3)


def quarters(code: str, day: date = DAY, zone: str = SHANGHAI) -> list[str]:
    found = calendar(code)
    return [found.periods[index] for index in periods_of_day(found, day=day, minutes=15, zone=zone)]


class TestShippedCalendars:
    def test_a_single_rate_knows_only_the_total(self) -> None:
        assert quarters("single") == ["total"] * 96

    def test_zhejiang_peaks_from_eight_to_twenty_two(self) -> None:
        assert quarters("zhejiang-tou") == ["valley"] * 32 + ["peak"] * 56 + ["valley"] * 8

    def test_shaanxi_peaks_from_eight_to_twenty(self) -> None:
        assert quarters("shaanxi-tou") == ["valley"] * 32 + ["peak"] * 48 + ["valley"] * 16

    def test_sichuan_has_three_periods(self) -> None:
        hours = quarters("sichuan-tou")[::4]
        assert [hours.index("flat"), hours.index("peak")] == [7, 10]
        assert {period: hours.count(period) for period in hours} == {"valley": 8, "flat": 8, "peak": 8}

    def test_guangzhou_peaks_twice_a_day(self) -> None:
        hours = quarters("guangzhou-tou")[::4]
        peak = [hour for hour, period in enumerate(hours) if period == "peak"]
        assert peak == [10, 11, 14, 15, 16, 17, 18]
        assert [hour for hour, period in enumerate(hours) if period == "valley"] == list(range(8))

    def test_hours_without_a_source_say_so(self) -> None:
        assert calendar("sichuan-tou").status == "provisional"

    def test_each_calendar_names_its_periods_in_both_languages(self) -> None:
        for code in calendar_codes():
            assert len(calendar(code).titles) == len(calendar(code).periods)

    def test_a_calendar_is_one_object(self) -> None:
        assert calendar("single") is calendar("single")

    def test_an_unknown_code_is_answered_with_those_that_exist(self) -> None:
        with pytest.raises(UnknownCalendarError, match=r"'mars-tou' is not known; there are .*zhejiang-tou"):
            calendar("mars-tou")


class TestDaysOnWhichTheClocksChange:
    def test_the_skipped_hour_is_missing(self) -> None:
        day = quarters("zhejiang-tou", date(2026, 3, 29), "Europe/Berlin")
        assert day == ["valley"] * 28 + ["peak"] * 56 + ["valley"] * 8

    def test_the_repeated_hour_is_there_twice(self) -> None:
        day = quarters("zhejiang-tou", date(2026, 10, 25), "Europe/Berlin")
        assert day == ["valley"] * 36 + ["peak"] * 56 + ["valley"] * 8

    def test_half_hours_follow_the_same_clock(self) -> None:
        found = calendar("shaanxi-tou")
        assert periods_of_day(found, day=DAY, minutes=30, zone=SHANGHAI) == (1,) * 16 + (0,) * 24 + (1,) * 8
