"""What a register may show next, and routes out of a file."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.rounds.bounds import bounds_of
from gridhall.metering.rounds.limits import ReadingLimits
from gridhall.metering.rounds.model import Bounds, Cycle
from gridhall.metering.rounds.routes_file import BadRoutesFileError, read_routes

LIMITS = ReadingLimits(3, Decimal(2), 50, 300, 100, timedelta(minutes=15), show_last=False)
START = datetime(2026, 6, 30, 16, tzinfo=UTC)


def history(*shown: int, multiplier: int = 1) -> list[RegisterRead]:
    """A read every thirty days."""
    return [
        RegisterRead(
            UUID(int=1),
            "import-kwh",
            "M1",
            (START + timedelta(days=30 * number)).date(),
            START + timedelta(days=30 * number),
            {"total": total},
            0,
            0,
            multiplier,
        )
        for number, total in enumerate(shown)
    ]


def bounds(past: list[RegisterRead], *, capacity: int | None = None, digits: int | None = None) -> Bounds | None:
    until = past[-1].at + timedelta(days=30) if past else START
    return bounds_of("total", history=past, until=until, digits=digits, capacity_kw=capacity, limits=LIMITS)


def test_the_past_widened_by_ratio_and_floor_is_likely() -> None:
    assert bounds(history(1000, 1300, 1900)) == Bounds(100, 1250, 72_000, from_past=True)


def test_the_contracted_capacity_is_a_ceiling() -> None:
    assert bounds(history(1000, 1300, 1900), capacity=1) == Bounds(100, 720, 72_000, from_past=True)


def test_where_there_is_no_past_the_capacity_says_it() -> None:
    assert bounds(history(1000), capacity=8) == Bounds(0, 5760, 72_000)


def test_a_multiplier_is_taken_out_of_capacity_and_floor() -> None:
    assert bounds(history(10, 40, multiplier=10), capacity=100) == Bounds(10, 65, 72_000, from_past=True)


def test_a_register_that_began_again_in_the_past_is_no_outlier() -> None:
    assert bounds(history(99_900, 200), digits=5) == bounds(history(1000, 1300), digits=5)


def test_where_there_is_no_read_there_are_no_bounds() -> None:
    assert bounds([]) is None


def test_an_exchange_in_the_middle_of_a_day_counts_from_its_moment() -> None:
    first, second = history(0, 300)
    moved = replace(first, origin=replace(first.origin, taken_at=first.at + timedelta(hours=12)))
    found = bounds([moved, second])
    assert found
    assert found.most > 650


HEAD = "region,code,name,org_path,day,cycle,point\n"
ROW = "zhejiang,R1,望江路,grid,1,monthly,{}\n"
ONE, TWO = UUID(int=1), UUID(int=2)


def test_a_file_of_routes_keeps_the_walking_order() -> None:
    lines = (HEAD + ROW.format(TWO) + ROW.format(ONE)).splitlines(keepends=True)
    (route,) = read_routes(lines)
    assert (route.id, route.day, route.cycle, route.points) == ("zhejiang/R1", 1, Cycle.MONTHLY, (TWO, ONE))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("region,code\n", "line 1: column name is missing"),
        (HEAD + ROW.format("x"), "line 2: point must be an id"),
        (HEAD + ROW.format(ONE).replace(",1,", ",one,"), "line 2: day must be a number"),
        (HEAD + ROW.format(ONE).replace("monthly", "weekly"), "line 2: cycle must be one of"),
        (HEAD + ROW.format(ONE) + ROW.format(TWO).replace(",1,", ",2,"), "line 3: day differs"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_line_and_field(text: str, told: str) -> None:
    with pytest.raises(BadRoutesFileError, match=told):
        read_routes(text.splitlines(keepends=True))
