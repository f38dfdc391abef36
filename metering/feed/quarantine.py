"""Quarantine: refused rows are kept as they came, with the reason, to be taken again as such or corrected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal

from gridhall.metering.feed.model import FeedSource
from gridhall.metering.feed.refusals import RefusedRow

Settled = Literal["accepted", "corrected", "moved"]

AUTO: Final = "auto"
"""The format of rows that were kept before it was kept with them."""


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A refused row. id: hash of client, row and reason, so that a replay finds it and does not multiply it.

    regions, org_paths: the client's scope when the row came, as `FeedSource` has it. format, head: how to read the
    row again, and what has to stand above it. settled: how it left the quarantine (`accepted`,
    `corrected`, or `moved`, where it is refused for another reason now and kept under that), None while it is there.
    line, batch, sentence: of the first time that it came. readings: how many of its readings are refused.
    seen: how many times it came.
    """

    id: bytes
    client: str
    batch: str
    line: int
    raw: bytes
    code: str
    sentence: str
    meter: str | None
    day: str | None
    readings: int
    first_at: datetime
    last_at: datetime
    seen: int = 1
    format: str = AUTO
    head: bytes = b""
    regions: frozenset[str] | None = None
    settled: Settled | None = None
    org_paths: frozenset[str] = frozenset()

    @property
    def scope(self) -> FeedSource:
        """What the sender might write when the row came."""
        return FeedSource(name=self.client, regions=self.regions, batch=self.batch, org_paths=self.org_paths)


def kept_rows(*, refused: Sequence[RefusedRow], source: FeedSource, format: str, now: datetime) -> list[KeptRow]:
    """Return what to keep of refused rows; the same row twice among them is one row seen twice."""
    kept: dict[bytes, tuple[RefusedRow, int]] = {}
    for row in refused:
        id_ = _id(source.name, row)
        first, seen = kept.get(id_, (row, 0))
        kept[id_] = first, seen + 1
    return [
        KeptRow(
            id=id_,
            client=source.name,
            batch=source.batch,
            line=row.line,
            raw=row.raw,
            code=row.code,
            sentence=row.sentence,
            meter=row.meter,
            day=row.day,
            readings=row.readings,
            first_at=now,
            last_at=now,
            seen=seen,
            format=format,
            head=row.head,
            regions=source.regions,
            org_paths=source.org_paths,
        )
        for id_, (row, seen) in kept.items()
    ]


def _id(client: str, row: RefusedRow) -> bytes:
    digest = sha256()
    for part in (client.encode(), row.code.encode(), row.head + row.raw):
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return digest.digest()
