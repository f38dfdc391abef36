"""Every format is found by its beginning, and none breaks or loses a row, whatever comes."""

import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridhall.metering.feed.formats.registry import FORMATS, UnknownFormatError, choose
from gridhall.metering.feed.formats.rows import DeliveryRefusedError, Part, Readings, Rows
from gridhall.metering.feed.lines import FeedTooLargeError
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.refusals import RefusedRow
from tests.factories.feed_samples import SAMPLES, zipped

ALL = [(name, sample.encode()) for name, samples in SAMPLES.items() for sample in samples]
LIMITS = Limits(max_bytes=10**6, max_line_bytes=4096, clock_skew_minutes=15, max_kw=100, shown_refusals=5)
EXPECTED = (UnknownFormatError, DeliveryRefusedError, FeedTooLargeError)


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    for first in range(0, len(content), 777):
        yield content[first : first + 777]


async def read(name: str, content: bytes) -> list[Rows]:
    chosen, again = await choose(name, chunks(content), most=LIMITS.max_bytes)
    return [rows async for rows in chosen.rows(again, limits=LIMITS)]


def parts_of(batches: list[Rows]) -> list[Part]:
    return [part for rows in batches for part in rows.parts]


def refused_of(batches: list[Rows]) -> list[RefusedRow]:
    return [row for rows in batches for row in rows.refused]


def test_every_format_has_a_sample() -> None:
    assert SAMPLES.keys() == FORMATS.keys()


@pytest.mark.parametrize(("name", "content"), ALL)
async def test_auto_finds_the_format_plain_marked_and_zipped(name: str, content: bytes) -> None:
    for delivery in (content, b"\xef\xbb\xbf" + content, content.replace(b"\n", b"\r\n"), zipped(content)):
        chosen, again = await choose("auto", chunks(delivery))
        assert chosen.name == name
        batches = [rows async for rows in chosen.rows(again, limits=LIMITS)]
        assert parts_of(batches)
        assert not refused_of(batches)


@pytest.mark.parametrize(("name", "content"), ALL)
def test_no_other_format_claims_it(name: str, content: bytes) -> None:
    claims = [other.name for other in FORMATS.values() if other.recognises(content[:4096])]
    assert claims[0] == name
    assert set(claims) <= ({"state-grid", "ndjson"} if name == "state-grid" else {name})


@pytest.mark.parametrize(("name", "content"), ALL)
async def test_a_row_can_be_read_again_alone(name: str, content: bytes) -> None:
    for part in parts_of(await read(name, content)):
        rows = part.rows if isinstance(part, Readings) else [part.row]
        for row in set(rows):
            again = await read(name, FORMATS[name].alone(head=part.head.encode(), row=row.encode()))
            assert parts_of(again)
            assert not refused_of(again)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25)
@given(content=st.binary(max_size=300))
async def test_random_bytes_break_nothing(name: str, content: bytes) -> None:
    await _survives(name, content)


@settings(max_examples=150)
@given(data=st.data(), sample=st.sampled_from(ALL))
async def test_mutated_samples_break_nothing(data: st.DataObject, sample: tuple[str, bytes]) -> None:
    name, content = sample
    mutated = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(len(mutated) - 1, 0)))
        until = at + data.draw(st.integers(0, 12))
        mutated[at:until] = data.draw(
            st.sampled_from([b"", b",", b"\n", b'"', b"-", b"<", b"&", b"\xff", b"9" * 30, b"{}"])
        )
    await _survives(name, bytes(mutated))
    await _survives("auto", bytes(mutated))


async def _survives(name: str, content: bytes) -> None:
    try:
        await read(name, content)
    except EXPECTED:
        return


rows_of_cells = st.lists(
    st.lists(st.sampled_from(["M1", "0.1", "-", "", "2026-10-03", "x", "1e3", "é"]), min_size=1, max_size=5).map(
        ",".join
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    "header",
    ["meter,start,kwh", "meter,day,1,2,3", "start,M1,M2", "meter,day,total,peak", "no,header"],
)
@given(rows=rows_of_cells)
async def test_a_row_of_csv_is_taken_refused_or_missing_but_never_lost(header: str, rows: list[str]) -> None:
    name = {"meter,start,kwh": "csv-long", "meter,day,1,2,3": "csv-wide", "start,M1,M2": "csv-matrix"}.get(
        header, "csv-registers"
    )
    batches = await read(name, "\n".join([header, *rows, ""]).encode())
    lines = set()
    for part in parts_of(batches):
        lines |= set(part.lines) if isinstance(part, Readings) else {part.line}
    lines |= {row.line for row in refused_of(batches)}
    told = {number for number, row in enumerate(rows, start=2) if not _says_nothing(name, header, row)}
    assert told <= lines
    assert all(1 <= line <= len(rows) + 1 for line in lines)


def _says_nothing(name: str, header: str, row: str) -> bool:
    """Tell whether a row is empty, or says of all its values that they are missing."""
    cells, names = row.split(","), header.split(",")
    if not row.strip():
        return True
    first = {"csv-long": 2, "csv-wide": 99, "csv-matrix": 1, "csv-registers": 2}[name]
    return len(cells) == len(names) and first < len(cells) and all(cell in {"", "-"} for cell in cells[first:])


json_rows = st.lists(
    st.fixed_dictionaries(
        {"meter": st.sampled_from(["M1", 7])},
        optional={
            "start": st.just("2026-10-03T00:00:00+08:00"),
            "day": st.just("2026-10-03"),
            "kwh": st.sampled_from(["0.1", None, "-", 1.5, ["0.1", None], [[]]]),
            "energies": st.sampled_from([{"total": "1"}, {"total": "-"}, [], {"x": []}]),
            "registers": st.sampled_from([{"total": "1"}, {"total": None}, {}]),
            "at": st.just("2026-10-03"),
            "dayElePq": st.sampled_from(["1", "-", [], True]),
        },
    ),
    max_size=15,
)


@pytest.mark.parametrize("name", ["ndjson", "state-grid"])
@given(rows=json_rows)
async def test_nor_is_a_row_of_json(name: str, rows: list[dict[str, object]]) -> None:
    batches = await read(name, "".join(json.dumps(row) + "\n" for row in rows).encode())
    lines = {row.line for row in refused_of(batches)}
    for part in parts_of(batches):
        lines |= set(part.lines) if isinstance(part, Readings) else {part.line}
    missing = {
        number
        for number, row in enumerate(rows, start=1)
        if ("kwh" in row and row["kwh"] in (None, "-")) or row.get("registers") == {"total": None}
    }
    assert set(range(1, len(rows) + 1)) - missing <= lines
