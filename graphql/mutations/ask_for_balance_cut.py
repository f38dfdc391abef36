"""Ask that a supply be cut whose balance is empty."""

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.prepayment.cutting import ask_for_cut
from gridhall.crm.agents.arrears_policies import may_collect
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.asked import AskApprovalResult, account_at_desk, asked
from gridhall.graphql.mutations.refused import refused
from gridhall.kit.subject import Refusal


@strawberry.mutation(
    description="Ask that a supply proposed for an empty balance be cut. It waits for another person's approval."
)
async def ask_for_balance_cut(info: Info, id: relay.GlobalID, reason: str) -> AskApprovalResult:
    """Ask for a cut."""
    agent, hall = info.context.at_desk(), info.context.hall
    account = await account_at_desk(info, AccountId(uuid_of(id, "BalanceCut", field="id")))
    require(may_collect(info.context.subject, region=account.region, org_path=account.org_path))
    why = good_reason(reason)
    if isinstance(why, Refusal):
        return refused(why, info)
    outcome = await ask_for_cut(
        prepaying=hall.billing.prepaying,
        approvals=hall.billing.approvals,
        account_id=account.id,
        reason=why,
        by=agent.name,
        now=hall.clock.now(),
    )
    return asked(outcome, account, info)
