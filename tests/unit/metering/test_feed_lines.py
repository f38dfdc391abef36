"""Cutting a stream into lines."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridhall.metering.feed.lines import FeedTooLargeError, Lines, cut_lines, raw
from gridhall.metering.feed.model import Limits

LIMITS = Limits(max_bytes=None, max_line_bytes=20, clock_skew_minutes=15, max_kw=100, shown_refusals=20, batch_bytes=40)


async def cut(pieces: Sequence[bytes], limits: Limits = LIMITS) -> list[Lines]:
    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return [lines async for lines in cut_lines(chunks(), limits=limits)]


def numbered(blocks: Sequence[Lines]) -> list[tuple[int, str]]:
    return [pair for lines in blocks for pair in zip(lines.numbers, lines.rows, strict=True)]


@given(st.lists(st.text(alphabet="ab,é \u2028\x0b", max_size=12), max_size=30), st.integers(1, 50))
async def test_lines_and_their_numbers_do_not_depend_on_how_the_bytes_arrive(rows: list[str], size: int) -> None:
    whole = "".join(f"{row}\n" for row in rows).encode()
    pieces = [whole[first : first + size] for first in range(0, len(whole), size)]
    blocks = await cut(pieces)
    expected = list(enumerate(rows, start=1))
    assert numbered(blocks) == [(line, row) for line, row in expected if len(row.encode()) <= 20]
    refused = [(row.line, row.raw) for lines in blocks for row in lines.refused]
    assert refused == [(line, row.encode()[:20]) for line, row in expected if len(row.encode()) > 20]


async def test_the_last_line_needs_no_end() -> None:
    assert numbered(await cut([b"a\nb"])) == [(1, "a"), (2, "b")]


async def test_a_byte_order_mark_and_carriage_returns_are_no_part_of_a_row() -> None:
    assert numbered(await cut([b"\xef\xbb\xbfa\r\nb\r\n"])) == [(1, "a"), (2, "b")]


@given(st.integers(1, 60), st.integers(21, 500))
async def test_a_line_beyond_the_limit_is_refused_with_its_number_and_its_beginning(size: int, length: int) -> None:
    whole = b"a\n" + b"x" * length + b"\nc\n"
    blocks = await cut([whole[first : first + size] for first in range(0, len(whole), size)])
    assert numbered(blocks) == [(1, "a"), (3, "c")]
    (refused,) = [row for lines in blocks for row in lines.refused]
    assert (refused.line, refused.raw, refused.code) == (2, b"x" * 20, "line-too-long")


async def test_bytes_that_are_no_text_are_refused_as_they_came() -> None:
    (lines,) = await cut([b"a\n\xff\xfe\nc\n"])
    assert numbered([lines]) == [(1, "a"), (3, "c")]
    assert [(row.line, row.raw, row.code) for row in lines.refused] == [(2, b"\xff\xfe", "not-text")]


async def test_a_stream_beyond_the_limit_ends_with_an_error_after_its_first_lines() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"0123456789\n"

    stream = cut_lines(chunks(), limits=replace(LIMITS, max_bytes=60))
    assert numbered([await anext(stream)]) == [(number, "0123456789") for number in range(1, 5)]
    with pytest.raises(FeedTooLargeError, match="larger than 60 bytes"):
        await anext(stream)


async def test_rows_survive_as_bytes() -> None:
    assert raw("é,\udcff") == b"\xc3\xa9,\xff"
