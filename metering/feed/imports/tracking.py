"""From a line that is stored back to the byte at which the file goes on."""

from bisect import bisect_right
from collections.abc import AsyncIterator
from typing import Final

HEADED: Final = {
    "ndjson": False,
    "csv-long": True,
    "csv-wide": True,
    "csv-matrix": True,
    "csv-registers": True,
}
"""Formats whose lines stand for themselves, so that a file can be gone on with at any of them, by name; and whether a
line of column names has to come before. Other formats are imported from the start again, which changes nothing."""


class LineTrack:
    """Remembers, a chunk at a time, how many whole lines a file has up to which byte; forgets what is behind."""

    def __init__(self, *, lines: int, offset: int) -> None:
        self._lines, self._offsets = [lines], [offset]
        self._met, self._read = lines, offset

    async def follow(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield the chunks of a file as they are."""
        async for chunk in chunks:
            ends = chunk.count(b"\n")
            if ends:
                self._met += ends
                self._lines.append(self._met)
                self._offsets.append(self._read + chunk.rindex(b"\n") + 1)
            self._read += len(chunk)
            yield chunk

    def place(self, line: int) -> tuple[int, int]:
        """Return the last known end of a line that lies not behind `line`: how many lines, and which byte.

        The one remembered first where `line` lies before it, like that of a batch whose values are all missing.
        """
        at = max(bisect_right(self._lines, line) - 1, 0)
        del self._lines[:at], self._offsets[:at]
        return self._lines[0], self._offsets[0]
