"""Cutting a stream of bytes into blocks of whole lines, in memory that does not grow with the stream."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.refusals import RefusedRow

ENCODING: Final = "utf-8"
ERRORS: Final = "surrogateescape"
"""Bytes that are no UTF-8 survive as surrogates, so that a refused row is kept exactly as it came."""

_MARKS: Final = 4
"""A byte order mark and a carriage return, which are no part of a row, have as many bytes."""

_SURROGATE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of a stream, without their ends; `numbers` counts from 1. refused: lines that nobody could read."""

    numbers: Sequence[int]
    rows: list[str]
    refused: list[RefusedRow] = field(default_factory=list)


def raw(row: str) -> bytes:
    """Return the bytes that a row came as."""
    return row.encode(ENCODING, ERRORS)


async def cut_lines(chunks: AsyncIterator[bytes], *, limits: Limits) -> AsyncIterator[Lines]:
    """Yield all lines, some `limits.batch_bytes` at a time.

    Raises FeedTooLargeError once more than `limits.max_bytes` came; the lines before are yielded already.
    """
    cutter = _Cutter(limits)
    total = 0
    async for chunk in chunks:
        total += len(chunk)
        if limits.max_bytes is not None and total > limits.max_bytes:
            raise FeedTooLargeError(limits.max_bytes)
        cutter.add(chunk)
        if cutter.is_full:
            yield cutter.take()
    yield cutter.take_rest()


class _Cutter:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = bytearray()
        self._line = 1
        self._skipping = False

    @property
    def is_full(self) -> bool:
        return len(self._held) >= self._limits.batch_bytes

    def add(self, chunk: bytes) -> None:
        if self._skipping:
            _, end, chunk = chunk.partition(b"\n")
            if not end:
                return
            self._skipping = False
            self._line += 1
        self._held += chunk

    def take(self) -> Lines:
        cut = self._held.rfind(b"\n") + 1
        block = self._held[:cut].decode(ENCODING, ERRORS)
        del self._held[:cut]
        rows = block.split("\n")[:-1]
        first = self._line
        self._line += len(rows)
        if first == 1 and rows:
            rows[0] = rows[0].removeprefix("\ufeff")
        if "\r" in block:
            rows = [row.removesuffix("\r") for row in rows]
        lines = Lines(range(first, self._line), rows)
        if max(map(len, rows), default=0) > self._limits.max_line_bytes or not block.isascii():
            lines = self._readable(lines)
        if len(self._held) > self._limits.max_line_bytes + _MARKS:
            lines.refused.append(self._too_long(self._line, bytes(self._held)))
            self._held.clear()
            self._skipping = True
        return lines

    def take_rest(self) -> Lines:
        """Take what is left; the last line of a stream need not have an end."""
        if self._held and not self._held.endswith(b"\n"):
            self._held += b"\n"
        return self.take()

    def _readable(self, lines: Lines) -> Lines:
        kept, refused = [], []
        for number, row in zip(lines.numbers, lines.rows, strict=True):
            if len(raw(row)) > self._limits.max_line_bytes:
                refused.append(self._too_long(number, raw(row)))
            elif _SURROGATE.search(row):
                refused.append(RefusedRow(line=number, raw=raw(row), code="not-text", params={}))
            else:
                kept.append((number, row))
        return Lines([number for number, _ in kept], [row for _, row in kept], refused)

    def _too_long(self, line: int, row: bytes) -> RefusedRow:
        most = self._limits.max_line_bytes
        return RefusedRow(line=line, raw=row[:most], code="line-too-long", params={"most": most})


class FeedTooLargeError(ValueError):
    """A delivery has more bytes, or rows, than are allowed at once; what came before the limit is stored."""

    def __init__(self, most: int, *, of: str = "bytes") -> None:
        super().__init__(f"the feed is larger than {most} {of}; send it in parts (rows sent twice do no harm)")
        self.most = most
        self.of = of
