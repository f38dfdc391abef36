"""Ask that an account pay ahead, or no more."""

import strawberry

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.prepayment.switching import ask_to_switch
from gridhall.crm.agents.money_policies import may_ask_refund
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.ids import uuid_in
from gridhall.graphql.mutations.asked import AskApprovalResult, account_at_desk, asked
from gridhall.graphql.mutations.refused import refused
from gridhall.graphql.types.prepayment import PaymentMode
from gridhall.kit.subject import Refusal


@strawberry.input(description="An account, how it is to pay, and why.")
class SwitchModeInput:
    """An account, how it is to pay, and why."""

    account_id: strawberry.ID = strawberry.field(description="The DeskAccount's id.")
    to: PaymentMode
    reason: str = strawberry.field(description="4 to 200 characters.")


@strawberry.mutation(
    description="Ask that an account pay ahead, or no more, from the day after another person's approval on."
)
async def switch_mode(info: Info, input: SwitchModeInput) -> AskApprovalResult:
    """Ask that an account be switched."""
    agent, hall = info.context.at_desk(), info.context.hall
    account = await account_at_desk(info, AccountId(uuid_in(input.account_id, "DeskAccount", field="accountId")))
    require(may_ask_refund(info.context.subject, region=account.region, org_path=account.org_path))
    reason = good_reason(input.reason)
    if isinstance(reason, Refusal):
        return refused(reason, info)
    outcome = await ask_to_switch(
        prepaying=hall.billing.prepaying,
        approvals=hall.billing.approvals,
        account_id=account.id,
        to="prepaid" if input.to is PaymentMode.PREPAID else "post_paid",
        reason=reason,
        by=agent.name,
        now=hall.clock.now(),
    )
    return asked(outcome, account, info)
