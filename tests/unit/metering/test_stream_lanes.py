"""How a portion is laid to lanes that store side by side."""

import asyncio
from datetime import date
from uuid import UUID

import pytest

from gridhall.metering.feed.door import Checked
from gridhall.metering.feed.stream.lanes import by_lanes, in_loads
from gridhall.metering.histories.keys import day_key, point_of
from gridhall.metering.histories.model import DayPiece


def pieces(count: int, *, day: date = date(2026, 10, 3)) -> list[DayPiece]:
    points = (UUID(int=index * 2_654_435_761) for index in range(count))
    return [
        DayPiece(day_key(point, "import-kwh", day), 1440, 3, "Asia/Shanghai", "total", [1], b"\0") for point in points
    ]


@pytest.mark.parametrize(("count", "loads"), [(1199, 1), (1200, 2), (3000, 3), (20_000, 5)])
def test_a_portion_is_cut_as_soon_as_a_load_is_worth_its_round_trips_and_never_grows_too_large(
    count: int, loads: int
) -> None:
    assert len(in_loads(Checked(waves=[pieces(count)]))) == loads


def test_no_two_loads_have_a_point_and_the_waves_of_each_keep_their_order() -> None:
    first, second = pieces(2000), pieces(500, day=date(2026, 10, 4))
    loads = in_loads(Checked(waves=[first, second], repeated=7))
    points = [{point_of(piece.key) for wave in load.waves for piece in wave} for load in loads]
    assert sum(map(len, points)) == len(set.union(*points))
    for number, wave in enumerate((first, second)):
        laid = [piece.key for load in loads for piece in load.waves[number]]
        assert sorted(laid) == sorted(piece.key for piece in wave)
    assert sum(load.repeated for load in loads) == 7


async def test_a_load_that_fails_is_told_when_the_others_have_come_to_their_end() -> None:
    loads, ended = [Checked(repeated=number) for number in range(5)], list[int]()

    async def store(load: Checked) -> int:
        await asyncio.sleep(0)
        if load.repeated == 0:
            raise ConnectionError
        ended.append(load.repeated)
        return load.repeated

    with pytest.raises(ConnectionError):
        await by_lanes(loads, store)
    assert sorted(ended) == [1, 2, 3, 4]
