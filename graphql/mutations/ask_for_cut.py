"""Ask that a proposed cut be made."""

from functools import partial

import strawberry
from strawberry import relay

from gridhall.billing.arrears.cutting.operations import ask_for_cut as ask
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_arrears import ChangeArrearsResult, asked


@strawberry.input(description="An account that is proposed for a cut, and why it should be made.")
class AskForCutInput:
    """An account that is proposed for a cut."""

    id: relay.GlobalID
    reason: str = strawberry.field(description="4 to 200 characters.")


@strawberry.mutation(
    description="Ask that a proposed cut be made. It waits for another person's approval, whatever the amount."
)
async def ask_for_cut(info: Info, input: AskForCutInput) -> ChangeArrearsResult:
    """Ask for a cut."""
    asking = partial(ask, cutting=info.context.hall.billing.follow_up.cutting)
    return await asked(info, input.id, asking, reason=input.reason)
