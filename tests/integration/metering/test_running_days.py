"""What months know of a day that still runs: nothing is behind for whoever reads, and little is written."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import orjson
import pytest

from gridhall.kit.localdays import Month, day_start
from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import IntakeReport
from gridhall.metering.histories.keys import month_key
from gridhall.metering.histories.model import DayTotals

Feed = Callable[..., Awaitable[IntakeReport]]

POINT, DAY = UUID(int=1), date(2026, 10, 3)
OCTOBER = month_key(POINT, "import-kwh", Month(2026, 10))


def quarter(slot: int, kwh: str = "0.125", day: date = DAY) -> str:
    at = day_start(day, "Asia/Shanghai") + timedelta(minutes=15) * slot
    return orjson.dumps({"meter": "M0", "start": at.isoformat(), "kwh": kwh}).decode() + "\n"


def after(slot: int, day: date = DAY) -> datetime:
    return day_start(day, "Asia/Shanghai") + timedelta(minutes=15) * (slot + 1)


async def of_day(stores: IntakeStores, number: int = DAY.day) -> DayTotals:
    return (await stores.histories.months([OCTOBER]))[OCTOBER].days[number]


async def kept(mongo: Mongo) -> dict[str, object]:
    return await mongo["usage_months"].find_one({"_id": OCTOBER}) or {}


class TestADayThatRuns:
    async def test_is_read_as_it_is_at_every_quarter(self, feed: Feed, stores: IntakeStores) -> None:
        for slot in range(4):
            await feed(quarter(slot), now=after(slot))
            entry = await of_day(stores)
            assert (entry.present, sum(entry.totals.values())) == (slot + 1, 125 * (slot + 1))
            month = (await stores.histories.months([OCTOBER]))[OCTOBER]
            assert month.as_of == after(slot)

    async def test_is_written_into_its_month_when_it_begins_and_when_it_is_over(self, feed: Feed, mongo: Mongo) -> None:
        revisions = []
        for slot in range(96):
            await feed(quarter(slot), now=after(slot))
            revisions.append((await kept(mongo))["r"])
        assert revisions == [1] * 95 + [2]
        month = await kept(mongo)
        assert "running" not in month
        assert month["days"] == {"3": [96, 3, 96, 96, 0, month["days"]["3"][5]]}  # type: ignore[index]

    async def test_keeps_its_mark_when_a_late_reading_of_an_earlier_day_comes(
        self, feed: Feed, stores: IntakeStores
    ) -> None:
        await feed(quarter(0), now=after(0))
        await feed(quarter(1), now=after(1))
        await feed(quarter(95, day=date(2026, 10, 1)), now=after(2))
        await feed(quarter(2), now=after(2))
        assert ((await of_day(stores)).present, (await of_day(stores, 1)).present) == (3, 1)

    async def test_on_which_the_meter_fell_silent_is_whole_once_the_next_begins(
        self, feed: Feed, stores: IntakeStores, mongo: Mongo
    ) -> None:
        for slot in range(3):
            await feed(quarter(slot), now=after(slot))
        tomorrow = DAY + timedelta(days=1)
        assert (await of_day(stores)).present == 3, "which is read right before anybody mends the month"
        await feed(quarter(0, day=tomorrow), now=after(0, tomorrow))
        month = await kept(mongo)
        assert (month["days"]["3"][2], month["running"]) == (3, 4)  # type: ignore[index]
        await feed(quarter(1, day=tomorrow), now=after(1, tomorrow))
        assert ((await of_day(stores)).present, (await of_day(stores, 4)).present) == (3, 2)

    @pytest.mark.parametrize("again", [quarter(0) + quarter(1), quarter(0)])
    async def test_whose_first_writer_died_before_its_month_is_entered_by_the_replay(
        self, feed: Feed, stores: IntakeStores, mongo: Mongo, again: str
    ) -> None:
        await feed(quarter(0), now=after(0))
        await mongo["usage_months"].delete_many({})
        await feed(again, now=after(1))
        assert (await of_day(stores)).present == again.count("\n")

    async def test_corrected_while_it_runs_is_read_corrected(self, feed: Feed, stores: IntakeStores) -> None:
        await feed(quarter(0), now=after(0))
        await feed(quarter(0, kwh="0.250"), now=after(1))
        assert sum((await of_day(stores)).totals.values()) == 250
