import json
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from gridhall.kit.localdays import Days
from gridhall.simulators.households import Household, feed_lines, households
from gridhall.simulators.households.feed import TooEarlyError

SHANGHAI = "Asia/Shanghai"
DAYS = Days(date(2026, 9, 28), date(2026, 10, 12))
HOUSEHOLD = households(1, ["zhejiang"], 7)[0]
TWO_PERIODS = (1,) * 32 + (0,) * 56 + (1,) * 8


def lines(household: Household = HOUSEHOLD, days: Days = DAYS) -> list[dict[str, Any]]:
    found = feed_lines(
        household, days=days, zone=SHANGHAI, periods=("peak", "valley"), periods_of=lambda _: TWO_PERIODS
    )
    return [json.loads(line) for line in found]


class TestFeedLines:
    def test_each_day_starts_with_its_registers_and_the_range_ends_with_them(self) -> None:
        kinds = ["registers" if "registers" in line else "kwh" for line in lines()]
        assert kinds == ["registers", "kwh"] * len(DAYS) + ["registers"]

    def test_a_line_has_the_words_of_the_feed(self) -> None:
        registers, day = lines()[6:8]
        assert list(registers) == ["meter", "at", "registers"]
        assert registers["at"] == "2026-10-01T00:00:00+08:00"
        assert list(registers["registers"]) == ["total", "peak", "valley"]
        assert (day["meter"], day["day"], day["minutes"]) == (HOUSEHOLD.meter_no, "2026-10-01", 15)
        assert len(day["kwh"]) == 96
        assert all(len(kwh.partition(".")[2]) == 3 for kwh in day["kwh"])

    def test_registers_count_what_the_quarter_hours_add_up_to(self) -> None:
        found = lines()
        registers = [line["registers"] for line in found if "registers" in line]
        used: list[Counter[str]] = []
        for line in found:
            if "kwh" in line:
                wh = [int(Decimal(kwh) * 1000) for kwh in line["kwh"]]
                day = Counter({"total": sum(wh)})
                for period, value in zip(TWO_PERIODS, wh, strict=True):
                    day[("peak", "valley")[period]] += value
                used.append(day)
        for code in ("total", "peak", "valley"):
            for number in range(1, len(registers)):
                shown = Decimal(registers[number][code]) - Decimal(registers[0][code])
                counted = sum(day[code] for day in used[:number])
                assert abs(shown * 1000 - counted) < 10, (code, number)

    def test_a_register_never_goes_back(self) -> None:
        shown = [Decimal(line["registers"]["total"]) for line in lines() if "registers" in line]
        assert all(earlier < later for earlier, later in pairwise(shown))

    def test_the_total_is_its_periods_to_what_a_register_can_show(self) -> None:
        for line in lines():
            if "registers" in line:
                total, *periods = (Decimal(text) for text in line["registers"].values())
                assert 0 <= total - sum(periods) < Decimal("0.02")

    def test_registers_do_not_depend_on_the_range(self) -> None:
        later = Days(date(2026, 10, 3), DAYS.end)
        assert lines(days=later) == lines()[10:]

    def test_a_single_rate_has_one_register(self) -> None:
        found = feed_lines(HOUSEHOLD, days=DAYS, zone=SHANGHAI, periods=("total",), periods_of=lambda _: (0,) * 96)
        assert list(json.loads(next(found))["registers"]) == ["total"]

    def test_days_before_the_first_are_refused(self) -> None:
        with pytest.raises(TooEarlyError):
            lines(days=Days(date(2023, 12, 31), date(2024, 1, 2)))
