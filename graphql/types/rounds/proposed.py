"""The queue of customers' own reads: for readers on their rounds, and for agents at the desk."""

from datetime import datetime
from typing import Final
from uuid import UUID

from strawberry import relay

from gridhall.crm.agents.policies import may_confirm_read, units_confirmed
from gridhall.graphql.context import Info
from gridhall.graphql.paging import Places, connection, instant_of
from gridhall.graphql.types.rounds.own_read import ProposedRead
from gridhall.metering.rounds.own.model import OwnRead

_PLACES: Final[Places[OwnRead, datetime, UUID]] = Places(lambda one: (one.brought_at, one.id), instant_of, UUID)


async def proposed_reads(
    info: Info, region: str, first: int = 20, after: str | None = None
) -> relay.Connection[ProposedRead]:
    """Return a page of customers' own reads that wait for somebody to decide."""
    own, units = info.context.hall.metering.own_reads, units_confirmed(info.context.subject, region=region)
    page = await _PLACES.page(
        lambda place, limit: own.proposed(region=region, units=units, after=place, limit=limit),
        first=first,
        after=after,
    )
    return connection(page.map(lambda one: ProposedRead.of(one, info)), after=after)


def may_see_read(info: Info, read: OwnRead) -> bool:
    """Say whether the caller may decide on a customer's own read."""
    return may_confirm_read(info.context.subject, region=read.region, org_path=read.org_path) is True
