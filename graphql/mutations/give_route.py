"""Give a route to a reader."""

from typing import Annotated

import strawberry

from gridhall.crm.agents.policies import may_lead_rounds, may_read_meters
from gridhall.crm.audit.model import Action
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.mutations.brought_input import audited
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.rounds.worklist import ReadingRoute
from gridhall.kit.subject import Refusal

NO_SUCH_ROUTE = Refusal("rounds.no_such_route")
NO_SUCH_READER = Refusal("rounds.no_such_reader")


@strawberry.input(description="A route, and who usually goes.")
class GiveRouteInput:
    """A route, and who usually goes."""

    route: str = strawberry.field(description="The route's key.")
    reader: str | None = strawberry.field(default=None, description="Name of a reader of its district; null: nobody.")


@strawberry.type(description="The route as it is now. Lists that are made already keep their reader.")
class RouteGiven:
    """The route as it is now."""

    route: ReadingRoute


GiveRouteResult = Annotated[
    RouteGiven | Refused, strawberry.union("GiveRouteResult", description="What came of giving a route away.")
]


@strawberry.mutation(description="Give a route to a reader. For supervisors of its district.")
async def give_route(info: Info, input: GiveRouteInput) -> GiveRouteResult:
    """Give a route to a reader."""
    info.context.on_rounds()
    hall, subject = info.context.hall, info.context.subject
    routes = hall.metering.rounds.routes
    route = (await routes.load([input.route])).get(input.route)
    if route is None or may_read_meters(subject, region=route.region, org_path=route.org_path) is not True:
        return refused(NO_SUCH_ROUTE, info)
    require(may_lead_rounds(subject, region=route.region, org_path=route.org_path))
    found = await hall.people.agents.agents.by_name(input.reader) if input.reader else None
    reader = found[0] if found else None
    goes = reader and may_read_meters(reader.as_subject(), region=route.region, org_path=route.org_path)
    if input.reader and goes is not True:
        return refused(NO_SUCH_READER, info)
    await routes.give(route.id, reader=reader.id if reader else None)
    await audited(info, Action.GAVE_ROUTE, f"route:{route.id}")
    now = (await routes.load([route.id])).get(route.id, route)
    return RouteGiven(route=ReadingRoute.of(now, info))
