"""Leave a bill as it is although readings that it stands on were corrected."""

from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.billing.corrections.operations import leave
from gridhall.crm.agents.policies import may_review, may_serve
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.bill import DeskBill
from gridhall.graphql.types.desk.corrections import BillCorrection
from gridhall.kit.subject import Refusal

NO_SUCH_CORRECTION = Refusal("desk.no_such_correction")


@strawberry.input(description="A correction of an issued bill's readings, and why the bill stands nevertheless.")
class LeaveCorrectionInput:
    """A correction, and why its bill stands."""

    id: relay.GlobalID
    reason: str = strawberry.field(description="4 to 200 characters; kept with the correction.")


@strawberry.type(description="Somebody decided on it; `correction` tells who, and what.")
class CorrectionDecided:
    """The correction as it was decided, now or before."""

    correction: BillCorrection


LeaveCorrectionResult = Annotated[
    CorrectionDecided | Refused, strawberry.union("LeaveCorrectionResult", description="What came of it.")
]


@strawberry.mutation(
    description="Leave a bill as it is although its readings were corrected; the other way is `rebill`. "
    "For reviewers and supervisors of its district."
)
async def leave_correction(info: Info, input: LeaveCorrectionInput) -> LeaveCorrectionResult:
    """Leave a bill as it is."""
    agent, hall, subject = info.context.at_desk(), info.context.hall, info.context.subject
    corrections = hall.billing.questioning.corrections
    id_ = uuid_of(input.id, "BillCorrection", field="id")
    found = await corrections.load(id_)
    account = await hall.accounts.load(found.account_id) if found else None
    bill = await hall.bills.load(found.bill_id) if found else None
    if found is None or account is None or bill is None:
        return refused(NO_SUCH_CORRECTION, info)
    if may_serve(subject, region=account.region, org_path=account.org_path) is not True:
        return refused(NO_SUCH_CORRECTION, info)
    require(may_review(subject, account))
    reason = good_reason(input.reason)
    if isinstance(reason, Refusal):
        return refused(reason, info)
    await leave(
        questioning=hall.billing.questioning, bill_id=found.bill_id, by=agent.name, reason=reason, now=hall.clock.now()
    )
    now = await corrections.load(id_) or found
    return CorrectionDecided(correction=BillCorrection.of(now, bill=DeskBill.of(bill, account=account)))
