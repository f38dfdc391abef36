"""Take care of a day that failed a check."""

import strawberry
from strawberry import relay

from gridhall.graphql.context import Info
from gridhall.graphql.mutations.decide_exception import DecideExceptionResult, decided
from gridhall.kit.subject import Refusal
from gridhall.metering.vee.exceptions.deciding import Decision, take
from gridhall.metering.vee.exceptions.model import DayException
from gridhall.metering.vee.running import Vee


@strawberry.mutation(description="Take care of a day that failed a check: the caller becomes its owner. For reviewers.")
async def take_exception(info: Info, id: relay.GlobalID, version: int) -> DecideExceptionResult:
    """Take an exception."""

    async def decide(vee: Vee, decision: Decision) -> DayException | Refusal:
        return await take(
            vee=vee, key=decision.key, version=version, owner=decision.by, now=info.context.hall.clock.now()
        )

    return await decided(info, id=id, version=version, reason="", decide=decide)
