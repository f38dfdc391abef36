"""The formats of the feed: what rows they make of a delivery."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from gridhall.metering.feed.formats.registry import FORMATS, UnknownFormatError, choose
from gridhall.metering.feed.formats.rows import MeterDay, Readings, RegisterRow, Rows

Parse = Callable[..., Awaitable[Rows]]


def codes(rows: Rows) -> list[tuple[int, str]]:
    return [(row.line, row.code) for row in rows.refused]


class TestNdjson:
    async def test_readings_come_in_columns(self, parse: Parse) -> None:
        rows = await parse(
            '{"meter":"M1","start":"s1","kwh":"0.1"}\n'
            "\n"
            '{"meter":"M1","start":"s2","kwh":2,"quality":8,"minutes":15,"channel":"export-kwh"}\n'
        )
        (part,) = rows.parts
        assert isinstance(part, Readings)
        assert list(part.lines) == [1, 3]
        assert list(part.meters) == [("M1", "import-kwh", None), ("M1", "export-kwh", 15)]
        assert list(part.energies) == ["0.1", 2]
        assert list(part.qualities) == [None, 8]

    async def test_a_fraction_is_taken_by_its_digits_and_not_as_a_float(self, parse: Parse) -> None:
        rows = await parse(
            '{"meter":"M1","start":"s","kwh":0.10000000000000000001}\n'
            '{"meter":"M1","day":"d","kwh":[0.10000000000000000001,1,null]}\n'
            '{"meter":"M1","at":"a","registers":{"total":1234.10000000000000000001}}\n'
        )
        reading, day, register = rows.parts
        assert isinstance(reading, Readings)
        assert isinstance(day, MeterDay)
        assert isinstance(register, RegisterRow)
        assert list(reading.energies) == ["0.10000000000000000001"]
        assert day.energies == ["0.10000000000000000001", 1, None]
        assert register.registers == {"total": "1234.10000000000000000001"}

    async def test_rows_of_different_kinds_keep_their_order(self, parse: Parse) -> None:
        reading = '{"meter":"M1","start":"s","kwh":"1"}\n'
        day = '{"meter":"M1","day":"d","kwh":["1"]}\n'
        rows = await parse(reading + reading + day + reading)
        assert [type(part) for part in rows.parts] == [Readings, MeterDay, Readings]

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ("meter,start,kwh", "not-json"),
            ("[1]", "not-json"),
            ('{"meter":"M1","start":"s","kwh":NaN}', "not-json"),
            ('{"meter":"M1","start":"s","kwh":"1","qualty":8}', "unknown-columns"),
            ('{"meter":"M1","start":"s"}', "bad-field"),
            ('{"meter":"M1","start":"s","kwh":true}', "bad-field"),
            ('{"meter":"M1","start":"s","kwh":["1"]}', "bad-field"),
            ('{"meter":7,"start":"s","kwh":"1"}', "bad-field"),
            ('{"meter":"M1","start":null,"kwh":"1"}', "bad-field"),
            ('{"meter":"M1","start":"s","kwh":"1","quality":"0"}', "bad-field"),
            ('{"meter":"M1","start":"s","kwh":"1","minutes":15.0}', "bad-field"),
            ('{"meter":"M1","start":"s","kwh":"1","channel":null}', "bad-field"),
            ('{"meter":"M1","day":"d","kwh":"1"}', "bad-field"),
            ('{"meter":"M1","day":"d","kwh":["1",true]}', "bad-field"),
            ('{"meter":"M1","day":"d","kwh":["1",{}]}', "bad-field"),
            ('{"meter":"M1","day":"d","kwh":["1"],"quality":[0,"x"]}', "bad-field"),
            ('{"meter":"M1","at":"a","registers":{}}', "bad-field"),
            ('{"meter":"M1","at":"a","registers":[1]}', "bad-field"),
            ('{"meter":"M1","at":"a","registers":{"total":true}}', "bad-field"),
        ],
    )
    async def test_a_row_of_another_shape_is_refused_whole(self, parse: Parse, row: str, code: str) -> None:
        rows = await parse(row + "\n")
        assert (rows.parts, codes(rows)) == ([], [(1, code)])
        assert rows.refused[0].raw == row.encode()


class TestLongCsv:
    async def test_columns_may_stand_in_any_order(self, parse: Parse) -> None:
        rows = await parse("kwh,quality,meter,start\n0.1,8,M1,s1\n0.2,,M2,s2\n", "csv-long")
        (part,) = rows.parts
        assert isinstance(part, Readings)
        assert list(part.lines) == [2, 3]
        assert [meter for meter, _, _ in part.meters] == ["M1", "M2"]
        assert list(part.energies) == ["0.1", "0.2"]
        assert list(part.qualities) == ["8", ""]

    async def test_channel_and_slot_length_may_be_told(self, parse: Parse) -> None:
        rows = await parse("meter,start,kwh,channel,minutes\nM1,s,1,,\nM1,s,1,export-kwh,30\nM1,s,1,,x\n", "csv-long")
        (part,) = rows.parts
        assert isinstance(part, Readings)
        assert list(part.meters) == [("M1", "import-kwh", None), ("M1", "export-kwh", 30), ("M1", "import-kwh", 0)]

    async def test_quoted_cells_and_empty_lines_are_read(self, parse: Parse) -> None:
        rows = await parse('meter,start,kwh\n"M,1",s,"0.1"\n\nM2,s,0.2\n', "csv-long")
        (part,) = rows.parts
        assert isinstance(part, Readings)
        assert [meter for meter, _, _ in part.meters] == ["M,1", "M2"]
        assert list(part.lines) == [2, 4]

    async def test_a_carriage_return_inside_a_row_breaks_nothing(self, parse: Parse) -> None:
        rows = await parse('meter,start,kwh\nM1,"s\rx,1\n', "csv-long")
        assert codes(rows) == [(2, "unknown-columns")]

    async def test_a_row_of_another_width_is_refused_and_the_others_taken(self, parse: Parse) -> None:
        rows = await parse("meter,start,kwh\nM1,s\nM2,s,0.2\nM3,s,0.3,0,1\n", "csv-long")
        (part,) = rows.parts
        assert isinstance(part, Readings)
        assert [meter for meter, _, _ in part.meters] == ["M2"]
        assert codes(rows) == [(2, "unknown-columns"), (4, "unknown-columns")]

    async def test_rows_under_a_header_that_nobody_understands_are_all_kept_as_refused(self, parse: Parse) -> None:
        rows = await parse("meter,when,kwh\nM1,s,1\n", "csv-long")
        assert rows.parts == []
        assert codes(rows) == [(1, "unknown-columns"), (2, "unknown-columns")]


class TestAuto:
    @pytest.mark.parametrize(
        ("head", "name"),
        [
            (b'{"meter"', "ndjson"),
            (b'\n  {"meter"', "ndjson"),
            (b"\xef\xbb\xbfmeter,start,kwh\r\nM1", "csv-long"),
            (b"kwh,start,meter,quality\n", "csv-long"),
            (b"", "ndjson"),
        ],
    )
    async def test_the_beginning_tells_the_format_and_nothing_of_it_is_lost(self, head: bytes, name: str) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for byte in head:
                yield bytes([byte])

        chosen, again = await choose("auto", chunks())
        assert chosen.name == name
        assert b"".join([chunk async for chunk in again]) == head

    async def test_a_beginning_that_nobody_recognises_is_an_error_that_names_the_formats(self) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"<feed/>"

        with pytest.raises(UnknownFormatError, match=", ".join(FORMATS)):
            await choose("auto", chunks())

    async def test_so_is_a_name_that_does_not_exist(self) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield b""

        with pytest.raises(UnknownFormatError, match="'nem14' is none of auto, " + ", ".join(FORMATS)):
            await choose("nem14", chunks())
