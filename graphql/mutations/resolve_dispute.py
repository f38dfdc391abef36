"""Answer the objection to a bill."""

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.disputes.operations import NO_SUCH_DISPUTE, resolve
from gridhall.billing.bills.model import BillId
from gridhall.crm.agents.model import Agent
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.change_arrears import ChangeArrearsResult, changed
from gridhall.kit.subject import Refusal


@strawberry.input(description="The bill of an account to which somebody objected, and the answer.")
class ResolveDisputeInput:
    """The answer to an objection."""

    id: relay.GlobalID
    bill_id: relay.GlobalID
    upheld: bool = strawberry.field(description="Whether the bill was wrong; it is then corrected by a rebill.")
    resolution: str = strawberry.field(description="4 to 200 characters.")


@strawberry.mutation(description="Answer the open objection to a bill. The ladder goes on, not before tomorrow.")
async def resolve_dispute(info: Info, input: ResolveDisputeInput) -> ChangeArrearsResult:
    """Answer an objection."""
    disputing, now = info.context.hall.billing.follow_up.disputing, info.context.hall.clock.now()
    bill_id = BillId(uuid_of(input.bill_id, "DeskBill", field="billId"))

    async def change(account: Account, agent: Agent) -> object:
        resolution = good_reason(input.resolution)
        if isinstance(resolution, Refusal):
            return resolution
        open_ones = await disputing.disputes.of_accounts([account.id], open_only=True)
        found = next((one for one in open_ones if one.bill_id == bill_id), None)
        if found is None:
            return NO_SUCH_DISPUTE
        return await resolve(
            disputing=disputing,
            dispute_id=found.id,
            upheld=input.upheld,
            resolution=resolution,
            by=agent.name,
            now=now,
        )

    return await changed(info, input.id, change)
