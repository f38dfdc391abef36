"""Readers of the short notations of data files: months like `11-5`, hours like `22:00-08:00`."""

import re
from collections.abc import Iterator

from gridhall.kit.localdays import DAY_MINUTES

_YEAR_MONTHS = 12
_MONTHS = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?")
_HOURS = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)")


def parse_months(text: str) -> frozenset[int]:
    """Read `6-10`, `11-5` (over the new year), `7` or `3-5,9-11`. Raises ValueError that says what is allowed."""
    return frozenset(month for part in text.split(",") for month in _months(part, text))


def _months(part: str, text: str) -> Iterator[int]:
    match = _MONTHS.fullmatch(part)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not (1 <= first <= _YEAR_MONTHS and 1 <= last <= _YEAR_MONTHS):
        raise ValueError(f"{text!r} are not months; write them like 6-10, 11-5, 7 or 3-5,9-11")
    count = (last - first) % _YEAR_MONTHS + 1
    return ((first - 1 + offset) % _YEAR_MONTHS + 1 for offset in range(count))


def parse_hours(text: str) -> tuple[tuple[int, int], ...]:
    """Read local hours as minutes of the day, start included and end not.

    `08:00-22:00` is one range; `22:00-08:00` goes over midnight and is two. Raises ValueError that says what is
    allowed.
    """
    match = _HOURS.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} are not hours; write them like 08:00-22:00")
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if start >= DAY_MINUTES or end > DAY_MINUTES or start == end:
        raise ValueError(f"{text!r} are not hours of one day; start before 24:00, end at 24:00 or earlier, and differ")
    if start < end:
        return ((start, end),)
    return ((start, DAY_MINUTES), (0, end)) if end else ((start, DAY_MINUTES),)


def clock(minute: int) -> str:
    """Return a minute of the day as `08:15`; the end of the day is `24:00`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
