"""What raises the usage revision of a point, and what a changed calendar does to days that are kept."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import orjson

from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.intake import IntakeStores
from gridhall.metering.feed.model import IntakeReport
from gridhall.metering.histories.keys import day_key, month_key
from gridhall.metering.histories.resplitting import resplit, split_anew
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.queries import reads_at

Feed = Callable[..., Awaitable[IntakeReport]]
Fingerprint = Callable[..., Awaitable[dict[str, str]]]

LATER = datetime(2026, 11, 2, tzinfo=UTC)
POINT, DAY = UUID(int=1), date(2026, 10, 3)
SINGLE = "single"


def registers(total: str, meter: str = "M0", at: str = "2026-10-01") -> str:
    return orjson.dumps({"meter": meter, "at": f"{at}T00:00:00+08:00", "registers": {"total": total}}).decode() + "\n"


def meter_day(meter: str = "M0", day: date = DAY) -> str:
    return orjson.dumps({"meter": meter, "day": day.isoformat(), "kwh": ["0.125"] * 96}).decode() + "\n"


class TestARegisterRead:
    async def test_raises_the_revision_of_its_point_and_of_no_other(self, feed: Feed, stores: IntakeStores) -> None:
        await feed(meter_day() + meter_day("M1"))
        before = await stores.histories.current([POINT, UUID(int=2), UUID(int=3)])
        assert before[UUID(int=3)] == 0
        await feed(registers("1.5") + registers("2", "M2"), now=LATER)
        after = await stores.histories.current([POINT, UUID(int=2), UUID(int=3)])
        assert [after[UUID(int=one)] - before[UUID(int=one)] for one in (1, 2, 3)] == [1, 0, 1]
        assert UUID(int=3) not in await stores.histories.heads([UUID(int=3)]), "which has a read and no usage"

    async def test_that_is_said_again_changes_no_document(self, feed: Feed, fingerprint: Fingerprint) -> None:
        rows = meter_day() + registers("1.5") + registers("2", at="2026-10-02")
        await feed(rows)
        before = await fingerprint()
        await feed(rows, now=LATER)
        assert await fingerprint() == before

    async def test_whose_writer_died_before_it_told_the_head_is_told_by_the_next(
        self, feed: Feed, stores: IntakeStores, mongo: Mongo
    ) -> None:
        await feed(registers("1.5"))
        await mongo["usage_heads"].delete_many({})
        found = await reads_at(point_ids=[POINT], days=[date(2026, 10, 1)], registers=stores.registers)
        await record_reads(reads=list(found.values()), registers=stores.registers, now=LATER)
        assert await stores.histories.current([POINT]) == {POINT: 1}

    async def test_before_any_usage_leaves_a_head_that_usage_completes(self, feed: Feed, stores: IntakeStores) -> None:
        await feed(registers("1.5"))
        await feed(meter_day(), now=LATER)
        head = (await stores.histories.heads([POINT]))[POINT]
        assert (head.revision, head.last_day) == (2, DAY)


class TestAnotherCalendar:
    async def test_splits_days_since_a_date_and_their_months_once(
        self, feed: Feed, stores: IntakeStores, points: list[ServicePoint], fingerprint: Fingerprint
    ) -> None:
        days = [date(2026, 9, 30), DAY, date(2026, 10, 4)]
        await feed("".join(meter_day(meter, day) for meter in ("M0", "M1") for day in days))
        changed = [replace(point, calendar=SINGLE) for point in points[:1]]
        for expected in (2, 0):
            before = await fingerprint()
            found = await resplit(points=changed, since=DAY, histories=stores.histories, now=LATER)
            assert found == expected
        assert await fingerprint() == before, "the second time there is nothing to do"

        keys = [day_key(UUID(int=one), "import-kwh", day) for one in (1, 2) for day in days]
        kept = await stores.histories.days(keys)
        assert [kept[key].calendar for key in keys] == ["zhejiang-tou", SINGLE, SINGLE, *["zhejiang-tou"] * 3]
        assert len({kept[key].values for key in keys}) == 1
        assert [sum(kept[key].totals.values()) for key in keys] == [12_000] * 6
        (older,) = await stores.histories.revisions(point_id=POINT, channel="import-kwh", day=DAY)
        assert older.calendar == "zhejiang-tou"
        october = month_key(POINT, "import-kwh", Month(2026, 10))
        months = await stores.histories.months([october])
        assert [dict(entry.totals) for entry in months[october].days.values()] == [dict(kept[keys[1]].totals)] * 2

    async def test_that_a_crash_cut_short_between_days_and_months_is_finished_by_the_next_run(
        self, feed: Feed, stores: IntakeStores, points: list[ServicePoint], fingerprint: Fingerprint
    ) -> None:
        await feed(meter_day() + meter_day(day=date(2026, 10, 4)))
        keys = [day_key(POINT, "import-kwh", day) for day in (DAY, date(2026, 10, 4))]
        days = (await stores.histories.days(keys)).values()
        assert not await stores.histories.put_days([split_anew(day, calendar=SINGLE, now=LATER) for day in days])

        changed = [replace(points[0], calendar=SINGLE)]
        assert await resplit(points=changed, since=DAY, histories=stores.histories, now=LATER) == 0
        october = month_key(POINT, "import-kwh", Month(2026, 10))
        month = (await stores.histories.months([october]))[october]
        kept = await stores.histories.days(keys)
        assert [dict(month.days[day].totals) for day in (3, 4)] == [dict(kept[key].totals) for key in keys]
        assert set(month.days[3].totals) == {"total"}
        before = await fingerprint()
        await resplit(points=changed, since=DAY, histories=stores.histories, now=LATER)
        assert await fingerprint() == before
