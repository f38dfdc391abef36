"""Ask that what is overdue of an account be given up."""

from functools import partial

import strawberry
from strawberry import relay

from gridhall.billing.arrears.giving_up import ask_for_write_off as ask
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_arrears import ChangeArrearsResult, asked


@strawberry.input(description="An account, and why nothing more is to be expected of it.")
class AskForWriteOffInput:
    """An account, and why nothing more is to be expected of it."""

    id: relay.GlobalID
    reason: str = strawberry.field(description="4 to 200 characters.")


@strawberry.mutation(
    description="Give up all that is overdue of an account, with its penalties. It always waits for another person."
)
async def ask_for_write_off(info: Info, input: AskForWriteOffInput) -> ChangeArrearsResult:
    """Ask for a write-off."""
    asking = partial(ask, giving_up=info.context.hall.billing.follow_up.giving_up)
    return await asked(info, input.id, asking, reason=input.reason)
