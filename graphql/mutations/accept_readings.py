"""Find the readings of a day right."""

import strawberry

from gridhall.graphql.context import Info
from gridhall.graphql.mutations.decide_exception import DecideExceptionInput, DecideExceptionResult, decided
from gridhall.kit.subject import Refusal
from gridhall.metering.vee.exceptions.deciding import Decision, accept
from gridhall.metering.vee.exceptions.model import DayException
from gridhall.metering.vee.running import Vee


@strawberry.mutation(description="Find the readings of a day right, whatever the checks say. For reviewers.")
async def accept_readings(info: Info, input: DecideExceptionInput) -> DecideExceptionResult:
    """Accept a day."""

    async def decide(vee: Vee, decision: Decision) -> DayException | Refusal:
        return await accept(vee=vee, decision=decision, now=info.context.hall.clock.now())

    return await decided(info, id=input.id, version=input.version, reason=input.reason, decide=decide)
