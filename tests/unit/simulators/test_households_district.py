import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

from gridhall.kit.localdays import Days
from gridhall.simulators.households import Household, district_lines, feed_lines, households

SHANGHAI = "Asia/Shanghai"
DAYS = Days(date(2026, 9, 28), date(2026, 10, 5))
SINCE = date(2026, 10, 1)
MEMBERS = households(4, ["zhejiang"], 7)
METER = "3399000001"


def counted(household: Household) -> dict[str, list[Decimal]]:
    found = feed_lines(household, days=DAYS, zone=SHANGHAI, periods=("total",), periods_of=lambda _: (0,) * 96)
    rows = [json.loads(line) for line in found]
    return {row["day"]: [Decimal(kwh) for kwh in row["kwh"]] for row in rows if "day" in row}


def of_district(members: tuple[Household, ...], loss: float = 0.0) -> dict[str, list[Decimal]]:
    rows = [json.loads(line) for line in district_lines(members, meter_no=METER, loss=loss, days=DAYS, zone=SHANGHAI)]
    assert {row["meter"] for row in rows} == {METER}
    return {row["day"]: [Decimal(kwh) for kwh in row["kwh"]] for row in rows}


class TestDistrictLines:
    def test_the_sum_meter_counts_what_its_members_use(self) -> None:
        members = [counted(member) for member in MEMBERS]
        for day, kwh in of_district(MEMBERS).items():
            assert kwh == [sum(slot) for slot in zip(*(member[day] for member in members), strict=True)]

    def test_what_warms_the_lines_is_counted_too(self) -> None:
        without = sum(sum(kwh) for kwh in of_district(MEMBERS).values())
        assert abs(sum(sum(kwh) for kwh in of_district(MEMBERS, loss=0.03).values()) / without - Decimal("1.03")) < 1e-3


class TestBypassedMeters:
    def test_a_bypassed_meter_misses_its_share_from_the_day_on(self) -> None:
        honest, bypassed = counted(MEMBERS[0]), counted(replace(MEMBERS[0], bypassed=0.75, bypassed_since=SINCE))
        for day, kwh in honest.items():
            share = 1 if date.fromisoformat(day) < SINCE else Decimal("0.25")
            assert all(
                abs(one - slot * share) <= Decimal("0.0005") for one, slot in zip(bypassed[day], kwh, strict=True)
            )

    def test_the_sum_meter_counts_past_it(self) -> None:
        bypassed = (replace(MEMBERS[0], bypassed=0.75, bypassed_since=SINCE), *MEMBERS[1:])
        assert of_district(bypassed) == of_district(MEMBERS)
