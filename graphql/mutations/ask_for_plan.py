"""Ask that arrears be paid in rates."""

from datetime import date
from functools import partial

import strawberry
from strawberry import relay

from gridhall.billing.arrears.agreements.operations import ask_for_plan as ask
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_arrears import ChangeArrearsResult, asked


@strawberry.input(description="An account, and the days on which equal rates of what is overdue are due.")
class AskForPlanInput:
    """An account, and the days of its rates."""

    id: relay.GlobalID
    days: list[date]
    reason: str = strawberry.field(description="4 to 200 characters.")


@strawberry.mutation(
    description="Let arrears be paid in rates. Above the limit it waits for another person's approval."
)
async def ask_for_plan(info: Info, input: AskForPlanInput) -> ChangeArrearsResult:
    """Ask for a plan."""
    asking = partial(ask, agreeing=info.context.hall.billing.follow_up.agreeing, days=input.days)
    return await asked(info, input.id, asking, reason=input.reason)
