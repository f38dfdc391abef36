"""Ask that what is overdue of an account be given up."""

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.giving_up import ask_for_write_off as ask
from gridhall.crm.agents.model import Agent
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_arrears import ChangeArrearsResult, changed
from gridhall.kit.subject import Refusal


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
    hall = info.context.hall

    async def change(account: Account, agent: Agent) -> object:
        reason = good_reason(input.reason)
        if isinstance(reason, Refusal):
            return reason
        return await ask(
            giving_up=hall.billing.follow_up.giving_up,
            approvals=hall.billing.approvals,
            account_id=account.id,
            reason=reason,
            by=agent.name,
            now=hall.clock.now(),
        )

    return await changed(info, input.id, change)
