"""Ask that arrears be paid in rates."""

from datetime import date

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.agreements.operations import ask_for_plan as ask
from gridhall.crm.agents.model import Agent
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_arrears import ChangeArrearsResult, changed
from gridhall.kit.subject import Refusal


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
    hall = info.context.hall

    async def change(account: Account, agent: Agent) -> object:
        reason = good_reason(input.reason)
        if isinstance(reason, Refusal):
            return reason
        return await ask(
            agreeing=hall.billing.follow_up.agreeing,
            approvals=hall.billing.approvals,
            account_id=account.id,
            days=input.days,
            reason=reason,
            by=agent.name,
            now=hall.clock.now(),
        )

    return await changed(info, input.id, change)
