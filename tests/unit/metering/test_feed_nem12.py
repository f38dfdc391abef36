"""NEM12: what readings its records are, and which files are refused as a whole."""

import io
import itertools
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.metering.feed.formats.nem12_records import StreamDay, stream_days
from gridhall.metering.feed.formats.nem_lines import nem_lines
from gridhall.metering.feed.formats.registry import choose
from gridhall.metering.feed.formats.rows import DeliveryRefusedError, Readings, Rows
from gridhall.metering.feed.lines import FeedTooLargeError
from gridhall.metering.feed.model import Limits

Parse = Callable[..., Awaitable[Rows]]

HEAD = "100,NEM12,202610041000,MDP1,RETAIL\n"


def stream(suffix: str = "E1", unit: str = "kWh", minutes: int = 30) -> str:
    return f"200,4103035210,E1B1,1,{suffix},N1,METER1,{unit},{minutes},\n"


def day(value: str = "1.5", flag: str = "A", count: int = 48) -> str:
    return f"300,20261003,{','.join([value] * count)},{flag},,,20261004000000,\n"


def days_of(text: str) -> list[StreamDay]:
    return list(stream_days(nem_lines(io.BytesIO(text.encode(errors="surrogatepass")), longest=4096)))


def readings(rows: Rows) -> Readings:
    (part,) = rows.parts
    assert isinstance(part, Readings)
    return part


def packed(**files: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


class TestReadings:
    async def test_slots_begin_at_midnight_of_nem_time(self, parse: Parse) -> None:
        part = readings(await parse(HEAD + stream() + day() + "900\n", "nem12"))
        assert part.starts[0] == "2026-10-03T00:00:00+10:00"
        assert part.starts[-1] == "2026-10-03T23:30:00+10:00"
        assert set(part.meters) == {("4103035210-1/30", "import-kwh", 30)}

    @pytest.mark.parametrize(
        ("suffix", "unit", "channel", "energy"),
        [
            ("E1", "kWh", "import-kwh", "1.5"),
            ("E1", "WH", "import-kwh", "0.0015"),
            ("B1", "MWh", "export-kwh", "1500"),
            ("Q1", "kVArh", "import-kvarh", "1.5"),
            ("K1", "VARH", "export-kvarh", "0.0015"),
            ("K1", "MVArh", "export-kvarh", "1500"),
        ],
    )
    async def test_energy_is_named_as_the_grid_sees_it_and_kept_exact(
        self, parse: Parse, suffix: str, unit: str, channel: str, energy: str
    ) -> None:
        part = readings(await parse(HEAD + stream(suffix, unit) + day() + "900\n", "nem12"))
        assert {meter[1] for meter in part.meters} == {channel}
        assert set(part.energies) == {energy}

    async def test_a_second_meter_of_the_point_is_told_apart(self, parse: Parse) -> None:
        part = readings(await parse(HEAD + stream("E2") + day() + "900\n", "nem12"))
        assert part.meters[0][0] == "4103035210-2/30"

    @pytest.mark.parametrize(("flag", "code"), [("A", 0), ("S14", 8), ("S17", 9), ("F15", 7), ("F54", 7), ("E52", 12)])
    async def test_a_flag_becomes_a_quality(self, parse: Parse, flag: str, code: int) -> None:
        part = readings(await parse(HEAD + stream() + day(flag=flag) + "900\n", "nem12"))
        assert set(part.qualities) == {code}

    async def test_400_records_tell_the_quality_of_a_day_that_varies(self, parse: Parse) -> None:
        told = "400,1,10,A,,\n400,11,20,S14,32,\n400,21,48,N,,\n"
        part = readings(await parse(HEAD + stream() + day(flag="V") + told + "500,O,,,\n900\n", "nem12"))
        assert list(part.qualities) == [0] * 10 + [8] * 10  # null data (N) is no zero: it is no reading

    async def test_a_300_record_may_go_on_in_the_next_line(self, parse: Parse) -> None:
        record = day("1").replace(",1,1,1,", ",\n1,1,1,\n", 1)
        part = readings(await parse(HEAD + stream() + record + "900\n", "nem12"))
        assert len(part.energies) == 48

    async def test_a_stream_that_we_do_not_keep_is_refused_alone(self, parse: Parse) -> None:
        rows = await parse(HEAD + stream("D1") + day() + stream() + day() + "900\n", "nem12")
        assert [(row.code, row.readings) for row in rows.refused] == [("unknown-stream", 48)]
        assert len(rows.parts) == 1

    @given(
        minutes=st.sampled_from([5, 15, 30]),
        unit=st.sampled_from([("Wh", -3), ("kWh", 0), ("MWh", 3)]),
        data=st.data(),
    )
    async def test_no_digit_is_lost(self, minutes: int, unit: tuple[str, int], data: st.DataObject) -> None:
        count = 24 * 60 // minutes
        value = st.decimals(0, 10**6, places=3)
        values = data.draw(st.lists(value, min_size=count, max_size=count))
        record = f"300,20261003,{','.join(map(str, values))},A,,,,\n"
        part = readings(await _read((HEAD + stream(unit=unit[0], minutes=minutes) + record + "900\n").encode()))
        assert [Decimal(energy) for energy in part.energies] == [value.scaleb(unit[1]) for value in values]
        starts = [datetime.fromisoformat(start) for start in part.starts]
        assert {later - earlier for earlier, later in itertools.pairwise(starts)} == {timedelta(minutes=minutes)}


class TestZip:
    async def test_the_one_file_inside_is_read(self) -> None:
        content = packed(feed=HEAD + stream() + day() + "900\n")
        chosen, _ = await choose("auto", _chunks(content))
        assert chosen.name == "nem12"
        assert len(readings(await _read(content)).energies) == 48

    async def test_two_files_are_refused(self) -> None:
        with pytest.raises(DeliveryRefusedError, match="holds 2 files"):
            await _read(packed(a=HEAD, b=HEAD))

    async def test_a_damaged_zip_is_refused(self) -> None:
        with pytest.raises(DeliveryRefusedError, match="cannot be unpacked"):
            await _read(packed(feed=HEAD + stream() + day())[:-30])

    async def test_a_small_zip_cannot_fill_the_memory(self) -> None:
        with pytest.raises(FeedTooLargeError):
            await _read(packed(feed="0" * 10**6), max_bytes=10**5)


class TestAFileIsRefusedWhole:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (stream() + day() + "900\n", "line 1: the header is missing"),
            (HEAD.replace("NEM12", "NEM13") + "900\n", "line 1: the header is missing"),
            (HEAD + stream(minutes=15) + day() + "900\n", "line 3: the 300 record has 48 values, .* of 15 minutes"),
            (HEAD + stream() + day(count=96) + "900\n", "line 3: the 300 record has 96 values, .* of 30 minutes"),
            (HEAD + stream() + day(flag="V") + "400,1,96,A,,\n900\n", "line 4: .* 1 to 96, but the day has 1 to 48"),
            (HEAD + stream() + day(flag="V") + "400,1,40,A,,\n900\n", "line 3: 8 values of flag V have no 400"),
            (HEAD + stream() + day(flag="X") + "900\n", "line 3: the quality flag 'X'"),
            (HEAD + stream() + day().replace("20261003", "20261303") + "900\n", "line 3: '20261303' is no date"),
            (HEAD + stream(minutes=20) + day() + "900\n", "line 2: the interval length '20' must be one of 5, 15, 30"),
            (HEAD + day() + "900\n", "line 2: a 300 record stands before any 200 record"),
            (HEAD + "400,1,2,A,,\n900\n", "line 2: a 400 record stands before any 300 record"),
            (HEAD + HEAD + "900\n", "line 2: a second 100 record"),
            (HEAD + stream() + day(), "no 900 record"),
            (HEAD + "900\n" + stream(), "line 3: something stands below the 900 record"),
            (HEAD + "777,1\n900\n", "line 2: '777' begins no record"),
            ("", "the file is empty"),
        ],
    )
    def test_with_the_line_and_the_reason(self, text: str, reason: str) -> None:
        with pytest.raises(DeliveryRefusedError, match=reason):
            days_of(text)

    @given(st.text())
    def test_and_never_breaks(self, text: str) -> None:
        try:
            days_of(HEAD + stream() + text)
        except DeliveryRefusedError:
            return
        raise AssertionError("a file without its end was accepted")


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _read(content: bytes, *, max_bytes: int | None = None) -> Rows:
    limits = Limits(max_bytes=max_bytes, max_line_bytes=4096, clock_skew_minutes=15, max_kw=100, shown_refusals=5)
    chosen, chunks = await choose("auto", _chunks(content), most=max_bytes)
    (rows,) = [rows async for rows in chosen.rows(chunks, limits=limits)]
    return rows
