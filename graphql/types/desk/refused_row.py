"""Refused rows of the meter feed, for those who mend them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import strawberry
from strawberry import relay

from gridhall.crm.agents.policies import may_mend_feed, mended_regions
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.paging import checked_first, connection
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.kit.paging import Page, from_cursor
from gridhall.metering.feed.places import places_of
from gridhall.metering.feed.quarantine import KeptRow

_LONGEST = 4000
_MOST_READS = 20


@strawberry.enum(description="How a row left the quarantine.")
class RowSettled(StrEnum):
    """How a row left the quarantine."""

    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    MOVED = "moved"


@strawberry.type(description="A row of the meter feed that was refused. It is kept as it came.")
class RefusedRow(DeskNode):
    """A row that was refused."""

    id: relay.NodeID[str]
    client: str = strawberry.field(description="Who sent it; `file` where an operator imported it.")
    batch: str
    line: int
    format: str
    code: str = strawberry.field(description="Why, like `unknown-meter`.")
    sentence: str = strawberry.field(description="Why, in a sentence for those who run the feed.")
    meter: str | None
    day: str | None
    readings: int = strawberry.field(description="How many of its readings are refused.")
    seen: int = strawberry.field(description="How many times it came.")
    first_at: datetime
    last_at: datetime
    raw: str = strawberry.field(description="As it came, to 4000 characters; what is no text is written as \\xNN.")
    settled: RowSettled | None = strawberry.field(description="Null while it is in quarantine.")

    @classmethod
    def of(cls, row: KeptRow) -> "RefusedRow":
        """Present a row to somebody who may mend it."""
        return cls(
            id=row.id.hex(),
            client=row.client,
            batch=row.batch,
            line=row.line,
            format=row.format,
            code=row.code,
            sentence=row.sentence,
            meter=row.meter,
            day=row.day,
            readings=row.readings,
            seen=row.seen,
            first_at=row.first_at,
            last_at=row.last_at,
            raw=row.raw.decode(errors="backslashreplace")[:_LONGEST],
            settled=RowSettled(row.settled) if row.settled else None,
        )


@strawberry.input(description="Which refused rows are listed; all where nothing is said.")
class RefusedRowFilter:
    """Which refused rows are listed."""

    client: str | None = None
    reason: str | None = strawberry.field(default=None, description="A code like `unknown-meter`.")
    batch: str | None = None
    settled: bool = strawberry.field(default=False, description="Those that left the quarantine instead.")


async def refused_rows(
    info: Info, filter: RefusedRowFilter | None = None, first: int = 20, after: str | None = None
) -> relay.Connection[RefusedRow]:
    """Return a page of the rows that the agent may mend."""
    limit, wanted = checked_first(first), filter or RefusedRowFilter()
    quarantine = info.context.hall.metering.stores.quarantine
    regions = mended_regions(info.context.subject)
    seen: list[KeptRow] = []
    last = row_id(from_cursor(after)) if after else None
    # What lies outside the agent's organisation is skipped, so a page may take more than one read.
    for _ in range(_MOST_READS if regions is None or regions else 0):
        rows = await quarantine.page(
            client=wanted.client,
            reason=wanted.reason,
            batch=wanted.batch,
            settled=wanted.settled,
            regions=regions,
            after=last,
            limit=limit + 1,
        )
        seen += await mendable(info, rows)
        if len(rows) <= limit or len(seen) > limit:
            break
        last = rows[-1].id
    page = Page.cut(seen[: limit + 1], limit=limit, key=lambda row: row.id.hex())
    return connection(page.map(RefusedRow.of), after=after)


async def mendable(info: Info, rows: Sequence[KeptRow]) -> list[KeptRow]:
    """Return those of the rows that the agent may see and mend; where their meters hang is read once for all."""
    points, subject = info.context.hall.metering.points, info.context.subject
    known = await points.known({row.meter for row in rows if row.meter})
    return [
        row
        for row in rows
        if all(may_mend_feed(subject, region=region, org_path=path) is True for region, path in places_of(row, known))
    ]


def row_id(text: str) -> bytes:
    """Return the id of a row inside a cursor."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise RefusedError("input.bad_cursor") from None
