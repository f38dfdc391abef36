"""Shield an account from cuts, or end that."""

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.shielding import Shield, end_shield, shield
from gridhall.crm.agents.model import Agent
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_arrears import ChangeArrearsResult, changed
from gridhall.kit.subject import Refusal

strawberry.enum(Shield, description="Why an account is shielded.")


@strawberry.input(description="An account, and why it is shielded from cuts from now on, or no more.")
class ShieldAccountInput:
    """An account, and why it is shielded."""

    id: relay.GlobalID
    why: Shield | None = strawberry.field(description="Null to end the shield.")
    reason: str = strawberry.field(description="4 to 200 characters; kept with it.")


@strawberry.mutation(description="Shield an account from cuts, or end that. What was proposed is taken back at once.")
async def shield_account(info: Info, input: ShieldAccountInput) -> ChangeArrearsResult:
    """Shield an account."""
    hall = info.context.hall
    arrears, now = hall.billing.arrears, hall.clock.now()

    async def change(account: Account, agent: Agent) -> object:
        reason = good_reason(input.reason)
        if isinstance(reason, Refusal):
            return reason
        mongo, following = arrears.mongo, arrears.following
        if input.why is None:
            return await end_shield(
                mongo=mongo, following=following, account_id=account.id, by=agent.name, note=reason, now=now
            )
        return await shield(
            mongo=mongo,
            following=following,
            account_id=account.id,
            why=input.why,
            by=agent.name,
            note=reason,
            now=now,
        )

    return await changed(info, input.id, change)
