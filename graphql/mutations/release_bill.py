"""Release a held bill."""

from typing import Annotated

import strawberry

from gridhall.billing.bills.releasing import Released, ReleasePrepared, release
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.decide_bill import BillNotHeld, DecideBillInput, decidable, decided
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.approvals import Approval
from gridhall.graphql.types.desk.bill import DeskBill
from gridhall.kit.subject import Refusal


@strawberry.type(description="The bill is issued as it is.")
class BillReleased:
    """The bill is issued as it is."""

    bill: DeskBill


@strawberry.type(description="The amount asks for a second person: the bill is issued once another one approves.")
class BillReleasePrepared:
    """The release waits for approval."""

    bill: DeskBill
    approval: Approval


ReleaseBillResult = Annotated[
    BillReleased | BillReleasePrepared | BillNotHeld | Refused,
    strawberry.union("ReleaseBillResult", description="What came of it."),
]


@strawberry.mutation(
    description="Issue a held bill as it is, or prepare that for a second person. For reviewers and supervisors of its "
    "district."
)
async def release_bill(info: Info, input: DecideBillInput) -> ReleaseBillResult:
    """Release a held bill."""
    found = await decidable(info, input)
    if isinstance(found, Refusal):
        return refused(found, info)
    agent, bill, account, reason = found
    hall = info.context.hall
    outcome = await release(
        issuing=hall.billing.issuing,
        approvals=hall.billing.approvals,
        bill_id=bill.id,
        reviewer=agent.name,
        reason=reason,
        now=hall.clock.now(),
    )
    shown = await decided(info, bill, account)
    if isinstance(outcome, ReleasePrepared):
        return BillReleasePrepared(bill=shown, approval=Approval.of(outcome.request, account=account))
    return BillReleased(bill=shown) if isinstance(outcome, Released) else BillNotHeld(bill=shown)
