"""Bills as NDJSON: one JSON object a line."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from gridhall.billing.shadow.formats.port import Told, Unreadable


def read_line(line: int, raw: str) -> Told | Unreadable | None:
    """Return the fields of a bill of one line, None of an empty line."""
    if not raw.strip():
        return None
    try:
        fields: Any = orjson.loads(raw)
    except ValueError:
        return Unreadable(line, raw, "must be one JSON object a line")
    if not isinstance(fields, dict):
        return Unreadable(line, raw, "must be a JSON object")
    return Told(line, raw, fields)


def read_ndjson(lines: Iterable[str]) -> Iterator[Told | Unreadable]:
    """Yield the bills of a file."""
    for line, raw in enumerate(lines, start=1):
        found = read_line(line, raw.removeprefix("\ufeff").rstrip("\r\n"))
        if found is not None:
            yield found
