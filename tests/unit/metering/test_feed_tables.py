"""CSV with a column a slot, a column a meter, or a column a register; and the words for a missing value."""

from collections.abc import Awaitable, Callable

import pytest

from gridhall.metering.feed.door import Checked
from gridhall.metering.feed.formats.rows import MeterDay, Readings, RegisterRow, Rows
from tests.factories.feed_samples import QUARTERS, TIMES, wide

Parse = Callable[..., Awaitable[Rows]]
Check = Callable[..., Awaitable[Checked]]

HALF_HOURS = [time for time in TIMES if time.endswith((":00", ":30"))]


async def only(parse: Parse, text: str, name: str) -> MeterDay | Readings | RegisterRow:
    rows = await parse(text, name)
    assert rows.refused == []
    (part,) = rows.parts
    assert not hasattr(part, "energies") or isinstance(part, MeterDay | Readings)
    return part  # type: ignore[return-value] - asserted above


def values(checked: Checked) -> list[int]:
    ((piece,),) = checked.waves
    return piece.values


class TestWide:
    @pytest.mark.parametrize("names", [TIMES, [str(number) for number in range(1, 97)], [f"{one}:00" for one in TIMES]])
    async def test_slots_are_named_by_number_or_by_time(self, check: Check, names: list[str]) -> None:
        checked = await check(wide(names, [f"{slot / 1000:.3f}" for slot in range(96)]), "csv-wide")
        assert values(checked) == list(range(96))

    async def test_a_column_of_24_00_says_that_the_times_are_ends(self, check: Check) -> None:
        ends = [*TIMES[1:], "24:00"]
        assert values(await check(wide(ends, [f"{slot / 1000:.3f}" for slot in range(96)]), "csv-wide")) == list(
            range(96)
        )

    async def test_what_stands_before_the_slots_is_told_of_the_whole_day(self, parse: Parse) -> None:
        text = "day,meter,channel,minutes,quality,version,1,2\n2026-10-03,M1,export-kwh,30,8,7,0.1,-\n"
        part = await only(parse, text, "csv-wide")
        assert isinstance(part, MeterDay)
        assert (part.meter, part.quality, part.version) == (("M1", "export-kwh", 30), "8", "7")
        assert part.energies == ["0.1", None]

    async def test_times_tell_the_length_of_the_slots(self, check: Check) -> None:
        checked = await check(wide(HALF_HOURS, ["0.1"] * 48), "csv-wide")
        assert [row.code for row in checked.refused] == ["wrong-interval"]

    @pytest.mark.parametrize("word", ["", "-", "--", "—"])
    async def test_a_missing_slot_is_no_zero(self, check: Check, word: str) -> None:
        checked = await check(wide(TIMES, [word, *QUARTERS[1:]]), "csv-wide")
        assert values(checked)[:2] == [-1, 100]
        assert checked.refused == []

    async def test_a_refused_row_is_kept_with_its_header(self, check: Check) -> None:
        checked = await check(wide(TIMES, ["x", *QUARTERS[1:]]), "csv-wide")
        assert [row.code for row in checked.refused] == ["bad-number"]
        assert checked.refused[0].head.startswith(b"meter,day,00:00,")
        assert values(checked).count(100) == 95

    @pytest.mark.parametrize(
        "header",
        [
            "meter,day",
            "meter,day,1,3",
            "meter,day,00:00,00:20",
            "meter,day,00:00,00:30,00:15",
            "meter,1,2",
            "meter,day,1,2,2",
        ],
    )
    async def test_a_header_with_a_hole_in_it_is_refused(self, parse: Parse, header: str) -> None:
        rows = await parse(f"{header}\nM1,2026-10-03\n", "csv-wide")
        assert rows.parts == []
        assert {row.code for row in rows.refused} == {"unknown-columns"}


class TestWideDaysOnWhichTheClocksChange:
    """DST1 counts half hours in London: 46 on 29 March 2026, 50 on 25 October 2026."""

    SPRING, AUTUMN = "2026-03-29", "2026-10-25"

    async def test_times_that_do_not_come_are_left_out(self, check: Check) -> None:
        cells = ["" if time in {"01:00", "01:30"} else "0.1" for time in HALF_HOURS]
        checked = await check(wide(HALF_HOURS, cells, day=self.SPRING, meter="DST1"), "csv-wide")
        assert values(checked) == [100] * 46

    async def test_a_value_for_a_time_that_does_not_come_refuses_the_row(self, check: Check) -> None:
        checked = await check(wide(HALF_HOURS, ["0.1"] * 48, day=self.SPRING, meter="DST1"), "csv-wide")
        assert [row.code for row in checked.refused] == ["wrong-slot-count"]

    async def test_times_that_come_twice_stand_twice(self, check: Check) -> None:
        names = [*HALF_HOURS[:4], "01:00", "01:30", *HALF_HOURS[4:]]
        cells = [f"{slot / 1000:.3f}" for slot in range(50)]
        assert values(await check(wide(names, cells, day=self.AUTUMN, meter="DST1"), "csv-wide")) == list(range(50))
        usual = [*cells[:4], "", "", *cells[6:]]
        checked = await check(wide(names, usual, day="2026-10-24", meter="DST1"), "csv-wide")
        assert values(checked) == [0, 1, 2, 3, *range(6, 50)]

    async def test_without_columns_for_the_second_time_the_row_is_refused(self, check: Check) -> None:
        checked = await check(wide(HALF_HOURS, ["0.1"] * 48, day=self.AUTUMN, meter="DST1"), "csv-wide")
        assert [row.code for row in checked.refused] == ["wrong-slot-count"]

    @pytest.mark.parametrize(("day", "slots"), [(SPRING, 46), (AUTUMN, 50), ("2026-10-03", 48)])
    async def test_numbers_leave_the_last_columns_empty(self, check: Check, day: str, slots: int) -> None:
        names = [str(number) for number in range(1, 51)]
        cells = ["0.1"] * slots + [""] * (50 - slots)
        assert values(await check(wide(names, cells, day=day, meter="DST1"), "csv-wide")) == [100] * slots


class TestMatrix:
    async def test_a_row_is_a_slot_of_every_meter(self, parse: Parse) -> None:
        text = "start,quality,version,M1,M2\ns1,8,5,0.1,0.2\ns2,,,-,0.4\n"
        part = await only(parse, text, "csv-matrix")
        assert isinstance(part, Readings)
        assert [meter[0] for meter in part.meters] == ["M1", "M2", "M2"]
        assert (list(part.starts), list(part.energies)) == (["s1", "s1", "s2"], ["0.1", "0.2", "0.4"])
        assert (list(part.qualities), list(part.versions or ())) == (["8", "8", ""], ["5", "5", None])
        assert list(part.lines) == [2, 2, 3]

    @pytest.mark.parametrize(
        "header", ["start", "start,kwh,M1", "start,M1,M1", "start,M1,quality", "M1,start", "start,"]
    )
    async def test_a_header_that_might_be_another_format_s_is_refused(self, parse: Parse, header: str) -> None:
        rows = await parse(f"{header}\ns,1\n", "csv-matrix")
        assert rows.parts == []


class TestRegisters:
    async def test_chinese_headers_and_dates_are_understood(self, parse: Parse) -> None:
        part = await only(parse, "户号,日期,总,尖,峰,平,谷,深谷\nM1,20261001,10.5,-,2,3,4,\n", "csv-registers")
        assert isinstance(part, RegisterRow)
        assert part.at == "20261001"
        assert part.registers == {"total": "10.5", "peak": "2", "flat": "3", "valley": "4"}

    @pytest.mark.parametrize("at", ["day\nM1,2026-10-01", "day\nM1,20261001", "at\nM1,2026-10-01T00:00:00+08:00"])
    async def test_a_date_is_the_midnight_that_begins_it(self, check: Check, at: str) -> None:
        name, _, row = at.partition("\n")
        checked = await check(f"meter,{name},total,deep_valley\n{row},10.5,1\n", "csv-registers")
        (read,) = checked.registers
        assert (read.day.isoformat(), read.at.isoformat()) == ("2026-10-01", "2026-09-30T16:00:00+00:00")
        assert read.values == {"total": 10_500, "deep_valley": 1000}

    async def test_periods_need_not_sum_up_to_the_total(self, check: Check) -> None:
        checked = await check("meter,day,total,peak,valley\nM1,2026-10-01,9000,10,20\n", "csv-registers")
        assert len(checked.registers) == 1

    async def test_a_row_may_say_a_version(self, check: Check) -> None:
        checked = await check("meter,day,total,version\nM1,2026-10-01,10,7\nM1,2026-10-02,11,-\n", "csv-registers")
        assert [read.versions for read in checked.registers] == [{"total": 7}, {}]

    async def test_a_row_without_a_count_is_no_read(self, check: Check) -> None:
        checked = await check("meter,day,total,peak\nM1,2026-10-01,-,—\n", "csv-registers")
        assert (checked.registers, checked.refused) == ([], [])


class TestMissingWords:
    @pytest.mark.parametrize("word", ["", "-", "--", "—"])
    async def test_a_reading_that_the_sender_calls_missing_is_none(self, check: Check, word: str) -> None:
        start = "2026-10-03T08:15:00+08:00"
        for text, name in (
            (f"meter,start,kwh\nM1,{start},{word}\n", "csv-long"),
            (f'{{"meter":"M1","start":"{start}","kwh":"{word}"}}\n', "ndjson"),
            (f'{{"meter":"M1","at":"{start}","registers":{{"total":"{word}"}}}}\n', "ndjson"),
        ):
            checked = await check(text, name)
            assert (checked.waves, checked.registers, checked.refused) == ([], [], [])
