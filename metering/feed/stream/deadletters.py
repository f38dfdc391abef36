"""Entries that go to quarantine as a whole: nobody signed them, nobody can read them, or nothing stores them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gridhall.metering.feed.formats.registry import AUTO
from gridhall.metering.feed.model import FeedSource
from gridhall.metering.feed.quarantine import KeptRow, kept_rows
from gridhall.metering.feed.refusals import RefusedRow

_NOBODY: Final = "stream:nobody"
"""Whose entries are called that nobody signed: the name of no feed client."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """An entry as a consumer was given it. deliveries: how many times anybody was, this time included."""

    id: str
    fields: Mapping[bytes, bytes]
    deliveries: int = 1

    @property
    def body(self) -> bytes:
        """The rows as they are packed; empty where there are none."""
        return self.fields.get(b"body", b"")


def nobody(one: Delivered) -> FeedSource:
    """Return the source of an entry that nobody signed; no replay makes its scope, which is empty, any wider."""
    return FeedSource(name=_NOBODY, regions=frozenset(), batch=one.id)


def kept_entry(rows: bytes, *, code: str, source: FeedSource, now: datetime, **params: object) -> KeptRow:
    """Return what to keep of an entry; a replay finds out again how its rows are written."""
    readings = max(1, rows.count(b"\n"))
    row = RefusedRow(line=1, raw=rows, code=code, params=params, readings=readings)
    return kept_rows(refused=[row], source=source, format=AUTO, now=now)[0]
