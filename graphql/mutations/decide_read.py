"""Confirm or refuse a customer's own read."""

from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.crm.audit.model import Action
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.brought_input import audited
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.rounds.own_read import ProposedRead
from gridhall.graphql.types.rounds.proposed import may_see_read
from gridhall.kit.subject import Refusal
from gridhall.metering.rounds.own import operations
from gridhall.metering.rounds.own.operations import NO_SUCH_READ


@strawberry.input(description="A proposed read, whether it is right, and why.")
class DecideReadInput:
    """A proposed read, whether it is right, and why."""

    id: relay.GlobalID
    confirm: bool
    reason: str = strawberry.field(description="4 to 200 characters; the customer sees it.")


@strawberry.type(description="The read as it is now.")
class ReadDecided:
    """The read as it is now."""

    read: ProposedRead


DecideReadResult = Annotated[
    ReadDecided | Refused, strawberry.union("DecideReadResult", description="What came of deciding on an own read.")
]


@strawberry.mutation(description="Confirm or refuse a customer's own read, for agents and readers of its district.")
async def decide_read(info: Info, input: DecideReadInput) -> DecideReadResult:
    """Confirm or refuse a customer's own read."""
    agent, hall = info.context.any_agent(), info.context.hall
    read_id, own = uuid_of(input.id, "ProposedRead", field="id"), hall.metering.own_reads
    read = (await own.load([read_id])).get(read_id)
    if read is None or not may_see_read(info, read):
        return refused(NO_SUCH_READ, info)
    reason = good_reason(input.reason)
    if isinstance(reason, Refusal):
        return refused(reason, info)
    outcome = await operations.decide_read(
        read=read,
        confirm=input.confirm,
        by=agent.id,
        reason=reason,
        rounds=hall.metering.rounds,
        own=own,
        now=hall.clock.now(),
    )
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    await audited(info, Action.DECIDED_READ, f"own_read:{read.id}", reason=reason)
    return ReadDecided(read=ProposedRead.of(outcome, info))
