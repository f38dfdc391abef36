"""Ask that a proposed cut be made."""

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.cutting.operations import ask_for_cut as ask
from gridhall.crm.agents.model import Agent
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_arrears import ChangeArrearsResult, changed
from gridhall.kit.subject import Refusal


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
    hall = info.context.hall

    async def change(account: Account, agent: Agent) -> object:
        reason = good_reason(input.reason)
        if isinstance(reason, Refusal):
            return reason
        return await ask(
            cutting=hall.billing.follow_up.cutting,
            approvals=hall.billing.approvals,
            account_id=account.id,
            reason=reason,
            by=agent.name,
            now=hall.clock.now(),
        )

    return await changed(info, input.id, change)
