"""What deciding on a day that failed a check shares: the input, the rights, and the outcomes."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.crm.agents.policies import may_decide_readings
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.exceptions import ReadingException, key_of, visible
from gridhall.kit.subject import Refusal
from gridhall.metering.vee.exceptions.deciding import NO_SUCH_EXCEPTION, Decision
from gridhall.metering.vee.exceptions.model import DayException
from gridhall.metering.vee.running import Vee

Decide = Callable[[Vee, Decision], Awaitable[DayException | Refusal]]


@strawberry.input(description="A day that failed a check, as it was seen, and why it is decided so.")
class DecideExceptionInput:
    """A day that failed a check, and why it is decided so."""

    id: relay.GlobalID
    version: int
    reason: str = strawberry.field(description="4 to 200 characters; kept with the exception.")


@strawberry.type(description="The exception as it is now.")
class ExceptionDecided:
    """The exception as it is now."""

    exception: ReadingException


DecideExceptionResult = Annotated[
    ExceptionDecided | Refused,
    strawberry.union("DecideExceptionResult", description="What came of deciding on a day that failed a check."),
]


async def decided(
    info: Info, *, id: relay.GlobalID, version: int, reason: str, decide: Decide
) -> ExceptionDecided | Refused:
    """Decide on an exception. Raises RefusedError for anybody but a reviewer or supervisor of its district."""
    agent, vee, key = info.context.at_desk(), info.context.hall.metering.vee, key_of(id)
    found = (await vee.exceptions.load([key])).get(key)
    if found is None or not visible(info, found):
        return refused(NO_SUCH_EXCEPTION, info)
    require(may_decide_readings(info.context.subject, region=found.region, org_path=found.org_path))
    outcome = await decide(vee, Decision(key=key, version=version, by=agent.name, reason=reason))
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    return ExceptionDecided(exception=ReadingException.of(outcome))
