"""NEM13: what register reads its records are, and which files are refused as a whole."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from gridhall.metering.feed.formats.rows import DeliveryRefusedError, RegisterRow, Rows
from tests.factories.feed_samples import NEM13

Parse = Callable[..., Awaitable[Rows]]


async def reads(parse: Parse, text: str) -> list[RegisterRow]:
    rows = await parse(text, "nem13")
    assert all(isinstance(part, RegisterRow) for part in rows.parts)
    return [part for part in rows.parts if isinstance(part, RegisterRow)]


async def test_a_record_is_a_previous_and_a_current_read(parse: Parse) -> None:
    previous, current = await reads(parse, NEM13)
    assert previous.meter == current.meter == ("1234567890-METSER66/01", "import-kwh", None)
    assert (previous.at, previous.registers, previous.quality) == ("2026-09-01", {"total": "21.2"}, 0)
    assert (current.at, current.registers, current.quality) == ("2026-10-01", {"total": "534.5"}, 12)
    assert (previous.taken, current.taken) == ("2026-09-01T10:32:30+10:00", "2026-10-01T10:00:30+10:00")
    assert previous.row == current.row
    updated = int(datetime(2026, 10, 2, 2, 50, 10, tzinfo=UTC).timestamp())
    assert previous.version == current.version == updated, "NEM time is ten hours ahead of UTC"


@pytest.mark.parametrize(
    ("direction", "unit", "channel", "count"),
    [
        ("E", "MWh", "import-kwh", "534500"),
        ("I", "kWh", "export-kwh", "534.5"),
        ("e", "WH", "import-kwh", "0.5345"),
        ("E", "kVArh", "import-kvarh", "534.5"),
        ("I", "VARH", "export-kvarh", "0.5345"),
    ],
)
async def test_direction_and_unit_tell_the_channel(
    parse: Parse, direction: str, unit: str, channel: str, count: str
) -> None:
    text = NEM13.replace("METSER66,E,", f"METSER66,{direction},").replace(",kWh,", f",{unit},")
    _, current = await reads(parse, text)
    assert (current.meter[1], current.registers["total"]) == (channel, count)


async def test_a_read_that_is_not_there_is_none(parse: Parse) -> None:
    (current,) = await reads(parse, NEM13.replace("000021.2,20260901103230,A", ",,N"))
    assert current.at == "2026-10-01"


async def test_a_unit_that_we_do_not_keep_is_refused_alone(parse: Parse) -> None:
    rows = await parse(NEM13.replace(",kWh,", ",kW,"), "nem13")
    assert [(row.code, row.readings) for row in rows.refused] == [("unknown-stream", 2)]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (("NEM13", "NEM12"), "line 1: the header is missing"),
        (("900\n", ""), "no 900 record"),
        (("000534.5", "many"), "line 2: the read 'many' is no plain number"),
        (("000534.5", "-5"), "line 2: the read '-5' is no plain number"),
        (("20261001100030", "20261301"), "line 2: '20261301' is no time"),
        ((",E64,", ",X,"), "line 2: the quality flag 'X'"),
        ((",METSER66,", ",,"), "line 2: a 250 record needs"),
        ((",,000534.5", "\n250"), "line 2: the 250 record has"),
        (("250,", "550,"), "line 2: a 550 record stands before"),
        (("550,", "300,"), "line 3: '300' begins no record"),
    ],
)
async def test_an_unsound_file_is_refused_whole(parse: Parse, changed: tuple[str, str], reason: str) -> None:
    with pytest.raises(DeliveryRefusedError, match=reason):
        await parse(NEM13.replace(*changed), "nem13")
