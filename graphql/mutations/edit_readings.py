"""Write readings of a day by hand."""

from decimal import Decimal

import strawberry
from strawberry import relay

from gridhall.graphql.context import Info
from gridhall.graphql.mutations.decide_exception import DecideExceptionResult, decided
from gridhall.graphql.mutations.refused import refused
from gridhall.kit.subject import Refusal
from gridhall.metering.vee.exceptions.deciding import BAD_SLOTS, Decision, edit
from gridhall.metering.vee.exceptions.model import DayException
from gridhall.metering.vee.running import Vee

_MOST = 300
"""A day of 25 hours has 300 slots of 5 minutes."""


@strawberry.input(description="The energy of a slot.")
class SlotEdit:
    """The energy of a slot."""

    slot: int = strawberry.field(description="From 0, the first slot of the local day.")
    kwh: Decimal


@strawberry.input(description="A day that failed a check, as it was seen, other values for its slots, and why.")
class EditReadingsInput:
    """Other values for slots of a day."""

    id: relay.GlobalID
    version: int
    slots: list[SlotEdit]
    reason: str = strawberry.field(description="4 to 200 characters; kept with the exception.")


@strawberry.mutation(
    description="Write readings of a day by hand (quality 7); what was there is kept as a revision. For reviewers."
)
async def edit_readings(info: Info, input: EditReadingsInput) -> DecideExceptionResult:
    """Edit a day."""
    if len(input.slots) > _MOST or len({one.slot for one in input.slots}) != len(input.slots):
        return refused(BAD_SLOTS, info)

    async def decide(vee: Vee, decision: Decision) -> DayException | Refusal:
        kwh = {one.slot: one.kwh for one in input.slots}
        return await edit(vee=vee, decision=decision, kwh=kwh, now=info.context.hall.clock.now())

    return await decided(info, id=input.id, version=input.version, reason=input.reason, decide=decide)
