"""Reject a held bill."""

from typing import Annotated

import strawberry

from gridhall.billing.bills.releasing import Rejected, reject
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.decide_bill import BillNotHeld, DecideBillInput, decidable, decided
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.bill import DeskBill
from gridhall.kit.subject import Refusal


@strawberry.type(description="The bill is void; the next run bills its month again.")
class BillRejected:
    """The bill is void; the next run bills its month again."""

    bill: DeskBill


RejectBillResult = Annotated[
    BillRejected | BillNotHeld | Refused,
    strawberry.union("RejectBillResult", description="What came of it."),
]


@strawberry.mutation(
    description="Void a held bill, so that its month is billed again. For reviewers and supervisors of its district."
)
async def reject_bill(info: Info, input: DecideBillInput) -> RejectBillResult:
    """Reject a held bill."""
    found = await decidable(info, input)
    if isinstance(found, Refusal):
        return refused(found, info)
    agent, bill, account, reason = found
    hall = info.context.hall
    outcome = await reject(
        issuing=hall.billing.issuing,
        approvals=hall.billing.approvals,
        bill_id=bill.id,
        reviewer=agent.name,
        reason=reason,
        now=hall.clock.now(),
    )
    shown = await decided(info, bill, account)
    return BillRejected(bill=shown) if isinstance(outcome, Rejected) else BillNotHeld(bill=shown)
