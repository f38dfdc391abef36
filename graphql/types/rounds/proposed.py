"""The queue of customers' own reads: for readers on their rounds, and for agents at the desk."""

from datetime import datetime
from uuid import UUID

from strawberry import relay

from gridhall.crm.agents.policies import may_confirm_read, units_confirmed
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.paging import checked_first, connection, instant_of
from gridhall.graphql.types.rounds.own_read import ProposedRead
from gridhall.kit.paging import Page, from_cursor
from gridhall.metering.rounds.own.model import OwnRead


async def proposed_reads(
    info: Info, region: str, first: int = 20, after: str | None = None
) -> relay.Connection[ProposedRead]:
    """Return a page of customers' own reads that wait for somebody to decide."""
    limit, own = checked_first(first), info.context.hall.metering.own_reads
    units = units_confirmed(info.context.subject, region=region)
    last = _instant_pair(from_cursor(after)) if after else None
    found = await own.proposed(region=region, units=units, after=last, limit=limit + 1)
    page = Page.cut(found, limit=limit, key=lambda one: f"{one.brought_at.isoformat()} {one.id}")
    return connection(page.map(lambda one: ProposedRead.of(one, info)), after=after)


def may_see_read(info: Info, read: OwnRead) -> bool:
    """Say whether the caller may decide on a customer's own read."""
    return may_confirm_read(info.context.subject, region=read.region, org_path=read.org_path) is True


def _instant_pair(key: str) -> tuple[datetime, UUID]:
    try:
        at, read_id = key.split(" ")
        return instant_of(at), UUID(read_id)
    except ValueError:
        raise RefusedError("input.bad_cursor") from None
