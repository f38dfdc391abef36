"""An objection to a bill (电费异议) as the account's people see it."""

from datetime import date, datetime

import strawberry

from gridhall.billing.arrears.disputes import model
from gridhall.billing.bills.model import BillId
from gridhall.graphql.context import Info

strawberry.enum(model.DisputeState, description="What became of an objection to a bill.")


@strawberry.type(description="An objection to a bill, and how it was answered.")
class BillDispute:
    """An objection to a bill."""

    state: model.DisputeState
    reason: str
    opened_at: datetime
    answer_by: date = strawberry.field(description="The last day for an answer.")
    answer: str | None = strawberry.field(description="Null until it is answered.")
    answered_at: datetime | None


async def dispute_of(info: Info, bill_id: BillId) -> BillDispute | None:
    """Return the newest objection to a bill."""
    found = await info.context.hall.disputes_of.load(bill_id)
    if not found:
        return None
    newest = found[0]
    return BillDispute(
        state=newest.state,
        reason=newest.reason,
        opened_at=newest.opened_at,
        answer_by=newest.due_on,
        answer=newest.resolution or None,
        answered_at=newest.closed_at,
    )
