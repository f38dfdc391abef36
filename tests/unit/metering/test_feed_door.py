"""The door: which readings go on and which rows are refused."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime

import orjson
import pytest

from gridhall.metering.feed.door import Checked
from gridhall.metering.histories.keys import day_of, point_of
from gridhall.metering.histories.model import DayPiece
from gridhall.metering.histories.packing import MISSING, MISSING_QUALITY
from gridhall.metering.registers.origin import How, Origin

Check = Callable[..., Awaitable[Checked]]


def reading(start: str = "2026-10-03T00:15:00+08:00", kwh: str = "0.125", meter: str = "M1", **more: object) -> str:
    return orjson.dumps({"meter": meter, "start": start, "kwh": kwh, **more}).decode() + "\n"


def meter_day(kwh: list[str | None], day: str = "2026-10-03", meter: str = "M1", **more: object) -> str:
    return orjson.dumps({"meter": meter, "day": day, "kwh": kwh, **more}).decode() + "\n"


def register(registers: dict[str, str], at: str = "2026-10-01T00:00:00+08:00", meter: str = "M1") -> str:
    return orjson.dumps({"meter": meter, "at": at, "registers": registers}).decode() + "\n"


def refused(checked: Checked) -> list[tuple[int, str, int]]:
    return [(row.line, row.code, row.readings) for row in checked.refused]


def only_piece(checked: Checked) -> DayPiece:
    ((piece,),) = checked.waves
    return piece


class TestReadings:
    async def test_of_one_day_are_stored_together(self, check: Check) -> None:
        checked = await check(reading() + reading("2026-10-02T16:30:00Z", "0.25", quality=8))
        piece = only_piece(checked)
        assert (point_of(piece.key).int, day_of(piece.key)) == (1, date(2026, 10, 3))
        assert piece.values[:4] == [MISSING, 125, 250, MISSING]
        assert list(piece.quality[:4]) == [MISSING_QUALITY, 0, 8, MISSING_QUALITY]
        assert len(piece.values) == 96

    async def test_are_multiplied_where_the_meter_counts_a_part_of_the_energy(self, check: Check) -> None:
        assert only_piece(await check(reading(meter="CT1"))).values[1] == 125 * 40

    async def test_said_twice_count_as_repeated(self, check: Check) -> None:
        checked = await check(reading() + reading())
        assert (len(checked.waves), checked.repeated) == (1, 1)

    async def test_that_contradict_each_other_are_stored_one_after_the_other(self, check: Check) -> None:
        checked = await check(reading(kwh="1") + reading(kwh="2") + reading(kwh="2") + reading(kwh="1"))
        assert [[piece.values[1] for piece in wave] for wave in checked.waves] == [[1000], [2000], [1000]]
        assert checked.repeated == 1

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            (reading(meter="M9"), "unknown-meter"),
            (reading(channel="import-kvarh"), "unknown-channel"),
            (reading(minutes=30), "wrong-interval"),
            (reading("2025-12-31T00:00:00+08:00"), "not-linked"),
            (reading(kwh="-3"), "negative-energy"),
            (reading(quality=3), "bad-quality"),
            (reading("2026-11-01T12:15:00Z"), "in-future"),
        ],
    )
    async def test_that_fail_a_check_are_refused_and_the_others_go_on(self, check: Check, row: str, code: str) -> None:
        checked = await check(row + reading())
        assert refused(checked) == [(1, code, 1)]
        assert only_piece(checked).values[1] == 125

    async def test_of_a_meter_of_another_organisation_are_refused(self, check: Check) -> None:
        for paths, codes in (({"grid/city"}, []), ({"grid/town", "grid/cit"}, ["foreign-organisation"])):
            checked = await check(reading(), org_paths=frozenset(paths))
            assert [row.code for row in checked.refused] == codes

    async def test_of_a_meter_in_another_region_are_refused(self, check: Check) -> None:
        checked = await check(reading() + meter_day(["1"] * 96), regions=frozenset({"scotland"}))
        assert refused(checked) == [(1, "foreign-meter", 1), (2, "foreign-meter", 96)]
        assert checked.waves == []

    async def test_refused_as_csv_are_kept_as_they_came(self, check: Check) -> None:
        checked = await check("meter,start,kwh\nM1,2026-10-03T00:15:00+08:00,-3\n", "csv-long")
        (row,) = checked.refused
        assert row.raw == b"M1,2026-10-03T00:15:00+08:00,-3"
        assert row.sentence == (
            "meter M1, 2026-10-03, line 2: energy -3 kWh is below zero; kept in quarantine as negative-energy"
        )


class TestMeterDays:
    async def test_leave_missing_slots_missing(self, check: Check) -> None:
        piece = only_piece(await check(meter_day(["0.5", None] * 48, quality=8)))
        assert piece.values[:3] == [500, MISSING, 500]
        assert list(piece.quality[:3]) == [8, MISSING_QUALITY, 8]

    async def test_may_give_each_slot_its_quality(self, check: Check) -> None:
        piece = only_piece(await check(meter_day(["0.5"] * 96, quality=[0, 8] * 48)))
        assert list(piece.quality[:3]) == [0, 8, 0]

    async def test_with_a_bad_slot_give_their_good_ones_and_are_kept_once_a_reason(self, check: Check) -> None:
        checked = await check(meter_day(["-1", "x", "-2", *["0.1"] * 93]))
        assert refused(checked) == [(1, "negative-energy", 2), (1, "bad-number", 1)]
        assert only_piece(checked).values[:5] == [MISSING, MISSING, MISSING, 100, 100]

    async def test_of_today_are_taken_up_to_now(self, check: Check) -> None:
        row = meter_day(["0.1"] * 96)
        checked = await check(row, now=datetime(2026, 10, 3, 2, tzinfo=UTC))  # 10:00 in Shanghai, and 15 minutes skew
        assert refused(checked) == [(1, "in-future", 96 - 41)]
        assert only_piece(checked).values.count(100) == 41

    async def test_join_the_single_readings_of_the_same_day(self, check: Check) -> None:
        checked = await check(reading(kwh="0.7") + meter_day(["0.1"] * 96))
        first, second = checked.waves
        assert first[0].values[:3] == [100, 700, 100]
        assert second[0].values[:3] == [MISSING, 100, MISSING]

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            (meter_day(["1"] * 95), "wrong-slot-count"),
            (meter_day(["1"] * 96, day="3 Oct"), "bad-day"),
            (meter_day(["1"] * 96, meter="M9"), "unknown-meter"),
            (meter_day(["1"] * 96, quality=5), "bad-quality"),
            (meter_day(["1"] * 96, quality=[0]), "bad-field"),
            (meter_day(["1"] * 96, day="2025-10-03"), "not-linked"),
            (meter_day(["1"] * 96, minutes=30), "wrong-interval"),
        ],
    )
    async def test_that_are_wrong_as_a_whole_are_refused_with_all_their_readings(
        self, check: Check, row: str, code: str
    ) -> None:
        checked = await check(row)
        assert [(row.line, row.code) for row in checked.refused] == [(1, code)]
        assert checked.refused[0].readings in {95, 96}
        assert checked.waves == []

    @pytest.mark.parametrize(("day", "slots"), [("2026-03-29", 46), ("2026-10-25", 50), ("2026-10-24", 48)])
    async def test_have_the_slots_of_their_local_day(self, check: Check, day: str, slots: int) -> None:
        assert len(only_piece(await check(meter_day(["1"] * slots, day=day, meter="DST1"))).values) == slots


class TestRegisterRows:
    async def test_are_the_opening_of_the_day_at_the_meters_own_scale(self, check: Check) -> None:
        checked = await check(register({"total": "1234.56", "peak": "1000"}, meter="CT1"))
        (read,) = checked.registers
        assert (read.day, read.values, read.scale) == (date(2026, 10, 1), {"total": 1_234_560, "peak": 1_000_000}, 3)
        assert (read.multiplier, read.closing) == (40, False)

    async def test_say_when_they_were_really_read(self, check: Check) -> None:
        checked = await check(register({"total": "1"})[:-2] + ',"taken":"2026-10-01T09:30:00+08:00"}\n')
        (read,) = checked.registers
        assert read.origin == Origin(How.REMOTE, taken_at=datetime(2026, 10, 1, 1, 30, tzinfo=UTC))

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            (register({"total": "1"}, at="2026-10-01T00:15:00+08:00"), "not-midnight"),
            (register({"total": "1"}, at="2026-12-01T00:00:00+08:00"), "in-future"),
            (register({"total": "1"})[:-2] + ',"taken":"2026-10-04T09:30:00+08:00"}\n', "taken-elsewhen"),
            (register({"total": "1"})[:-2] + ',"taken":"2026-10-01T09:30:00"}\n', "bad-start"),
            (register({"total": "-1"}), "negative-energy"),
            (register({"Total!": "1"}), "bad-register"),
            (register({"total": "1"}, meter="M9"), "unknown-meter"),
        ],
    )
    async def test_that_fail_a_check_are_refused(self, check: Check, row: str, code: str) -> None:
        checked = await check(row)
        assert refused(checked) == [(1, code, 1)]
        assert checked.registers == []
