"""The rounds: what a reader (抄表员) or a supervisor may ask."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.crm.agents.model import Agent, AgentId
from gridhall.crm.agents.policies import NOT_YOUR_DISTRICT, may_lead_rounds, units_read
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.paging import checked_first, connection
from gridhall.graphql.types.desk.node import DeskNode
from gridhall.graphql.types.rounds.own_read import ProposedRead
from gridhall.graphql.types.rounds.proposed import proposed_reads
from gridhall.graphql.types.rounds.worklist import ReadingRoute, Worklist, visible_worklist
from gridhall.kit.localdays import Days, Month
from gridhall.kit.paging import Page, from_cursor
from gridhall.metering.histories.ranges import in_reach
from gridhall.metering.rounds import queries

_LONGEST = 62
"""Days of lists that are asked for at once."""


@strawberry.type(description="How well one person read one route in a month. Rates are shares of 1.")
class ReadingRate(DeskNode):
    """How well one person read one route in a month."""

    id: relay.NodeID[str]
    route: str | None = strawberry.field(description="Null for silent meters on no route.")
    person: str | None = strawberry.field(description="Name of the agent; null where nobody was sent.")
    planned: int
    read: int
    reading_rate: Decimal | None = strawberry.field(description="抄表率: read / planned.")
    first_right_rate: Decimal | None = strawberry.field(description="一次抄准率: read once and right / read.")
    reread_rate: Decimal | None = strawberry.field(description="补抄率: had to be read again / planned.")
    no_access_rate: Decimal | None = strawberry.field(description="Not accessible / planned.")

    @classmethod
    def of(cls, rate: queries.Rate, names: dict[str, str]) -> "ReadingRate":
        """Present a rate."""
        tally = rate.tally
        return cls(
            id=f"{rate.route} {rate.person}",
            route=rate.route or None,
            person=names.get(rate.person),
            planned=tally.planned,
            read=tally.read,
            reading_rate=tally.reading_rate,
            first_right_rate=tally.first_right_rate,
            reread_rate=tally.reread_rate,
            no_access_rate=tally.no_access_rate,
        )


@strawberry.type(description="Reading rounds. Only what lies in the caller's own districts is there.")
class Rounds:
    """Reading rounds."""

    agent: str = strawberry.field(description="The name of the agent who asks.")
    proposed_reads: relay.Connection[ProposedRead] = strawberry.field(
        resolver=proposed_reads,
        description="Customers' own reads of a region that somebody has to decide, oldest first.",
    )

    @strawberry.field(description="Routes of a region (as its code); by default those on which the caller goes.")
    async def routes(
        self, info: Info, region: str, *, mine: bool = True, first: int = 20, after: str | None = None
    ) -> relay.Connection[ReadingRoute]:
        """Return a page of routes."""
        limit, rounds = checked_first(first), info.context.hall.metering.rounds
        found = await rounds.routes.page(
            region=region,
            units=_units(info, region),
            reader=info.context.subject.id if mine else None,
            after=from_cursor(after) if after else "",
            limit=limit + 1,
        )
        page = Page.cut(found, limit=limit, key=lambda route: route.id)
        return connection(page.map(lambda route: ReadingRoute.of(route, info)), after=after)

    @strawberry.field(description="Worklists from one day up to, not including, another, 62 days at most.")
    async def worklists(
        self,
        info: Info,
        region: str,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        *,
        mine: bool = True,
        first: int = 20,
        after: str | None = None,
    ) -> relay.Connection[Worklist]:
        """Return a page of worklists."""
        if not 0 < (to - from_).days <= _LONGEST:
            raise RefusedError("input.bad_range", {"most": _LONGEST})
        limit, rounds = checked_first(first), info.context.hall.metering.rounds
        found = await rounds.lists.within(
            region=region,
            units=_units(info, region),
            days=Days(from_, to),
            reader=info.context.subject.id if mine else None,
            after=_pair(from_cursor(after)) if after else ("", ""),
            limit=limit + 1,
        )
        page = Page.cut(found, limit=limit, key=lambda one: f"{one.day.isoformat()} {one.id}")
        return connection(page.map(lambda one: Worklist.of(one, info)), after=after)

    @strawberry.field(
        description="The list of a route (its key) and day; null where there is none, or `known` is its version."
    )
    async def worklist(self, info: Info, route: str, day: date, known: int | None = None) -> Worklist | None:
        """Return a list that a phone takes along."""
        found = await visible_worklist(info, f"{route}@{day.isoformat()}")
        return Worklist.of(found, info) if found and found.version != known else None

    @strawberry.field(description="A list by its key; null where there is none, or `known` is its version.")
    async def worklist_by_key(self, info: Info, key: str, known: int | None = None) -> Worklist | None:
        """Return a list, for example one of silent meters."""
        found = await visible_worklist(info, key)
        return Worklist.of(found, info) if found and found.version != known else None

    @strawberry.field(description="Rates of a month (like 2026-11), a route and person. For supervisors.")
    async def rates(
        self, info: Info, region: str, month: str, first: int = 20, after: str | None = None
    ) -> relay.Connection[ReadingRate]:
        """Return a page of rates."""
        hall, limit, units = info.context.hall, checked_first(first), _units(info, region)
        for unit in units:
            require(may_lead_rounds(info.context.subject, region=region, org_path=unit))
        found = await queries.rates(
            rounds=hall.metering.rounds,
            region=region,
            units=units,
            month=_month(month),
            after=_tab_pair(from_cursor(after)) if after else None,
            limit=limit + 1,
        )
        names = await _names(info, [rate.person for rate in found])
        page = Page.cut(found, limit=limit, key=lambda rate: "\t".join(rate.key))
        return connection(page.map(lambda rate: ReadingRate.of(rate, names)), after=after)

    @classmethod
    def of(cls, agent: Agent) -> "Rounds":
        """Open the rounds to a reader or supervisor."""
        return cls(agent=agent.name)


def _units(info: Info, region: str) -> tuple[str, ...]:
    units = units_read(info.context.subject, region=region)
    if not units:
        raise RefusedError(NOT_YOUR_DISTRICT.code)
    return units


async def _names(info: Info, people: list[str]) -> dict[str, str]:
    ids = {AgentId(UUID(person)) for person in people if person}
    found = await info.context.hall.people.agents.agents.load(ids)
    return {str(agent.id): agent.name for agent in found.values()}


def _month(label: str) -> Month:
    try:
        month = Month.parse(label)
    except ValueError:
        raise RefusedError("input.bad_month") from None
    if not in_reach(month.first, month.first):
        raise RefusedError("input.bad_month")
    return month


def _pair(key: str) -> tuple[str, str]:
    day, _, list_id = key.partition(" ")
    return day, list_id


def _tab_pair(key: str) -> tuple[str, str]:
    route, _, person = key.partition("\t")
    return route, person
