"""Fill the gaps of a day now."""

import strawberry

from gridhall.graphql.context import Info
from gridhall.graphql.mutations.decide_exception import DecideExceptionInput, DecideExceptionResult, decided
from gridhall.kit.localdays import local_day
from gridhall.kit.subject import Refusal
from gridhall.metering.vee.exceptions.deciding import Decision, estimate
from gridhall.metering.vee.exceptions.model import DayException
from gridhall.metering.vee.running import Vee


@strawberry.mutation(description="Estimate what is missing of a day; a real reading replaces it. For reviewers.")
async def estimate_readings(info: Info, input: DecideExceptionInput) -> DecideExceptionResult:
    """Estimate a day."""
    hall = info.context.hall

    async def decide(vee: Vee, decision: Decision) -> DayException | Refusal:
        now = hall.clock.now()
        return await estimate(vee=vee, decision=decision, today=local_day(now, hall.settings.time_zone), now=now)

    return await decided(info, id=input.id, version=input.version, reason=input.reason, decide=decide)
