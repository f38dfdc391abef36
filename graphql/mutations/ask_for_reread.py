"""Ask for a meter to be read again."""

import strawberry

from gridhall.graphql.context import Info
from gridhall.graphql.mutations.decide_exception import DecideExceptionInput, DecideExceptionResult, decided
from gridhall.kit.subject import Refusal
from gridhall.metering.vee.exceptions.deciding import Decision, ask_reread
from gridhall.metering.vee.exceptions.model import DayException
from gridhall.metering.vee.running import Vee


@strawberry.mutation(name="askReread", description="Ask for a meter to be read again (补抄). For reviewers.")
async def ask_for_reread(info: Info, input: DecideExceptionInput) -> DecideExceptionResult:
    """Ask for a re-read."""
    hall = info.context.hall

    async def decide(vee: Vee, decision: Decision) -> DayException | Refusal:
        return await ask_reread(vee=vee, decision=decision, outbox=hall.billing.issuing.outbox, now=hall.clock.now())

    return await decided(info, id=input.id, version=input.version, reason=input.reason, decide=decide)
