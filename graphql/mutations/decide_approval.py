"""What approving and refusing a request share: the input, the rights, the outcomes."""

from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.billing.approvals.model import RequestId
from gridhall.billing.approvals.operations import Decided, NotWaiting, Overtaken, decide
from gridhall.crm.agents.billing_policies import may_approve
from gridhall.crm.agents.policies import may_serve
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.approvals import Approval
from gridhall.kit.subject import Refusal

NO_SUCH_REQUEST = Refusal("approvals.no_such_request")
SAME_PERSON = Refusal("approvals.same_person")


@strawberry.input(description="A request, and why it is decided so.")
class DecideApprovalInput:
    """A request, and why it is decided so."""

    id: relay.GlobalID
    reason: str = strawberry.field(description="4 to 200 characters; kept with the request.")


@strawberry.type(description="The request is decided; approved, it is carried out as well.")
class ApprovalDecided:
    """The request is decided."""

    approval: Approval


@strawberry.type(description="The request was decided before, or what it asked for is not possible any more.")
class ApprovalNotWaiting:
    """The request does not wait (any more)."""

    approval: Approval


DecideApprovalResult = Annotated[
    ApprovalDecided | ApprovalNotWaiting | Refused,
    strawberry.union("DecideApprovalResult", description="What came of it."),
]


async def decided(
    info: Info, input: DecideApprovalInput, *, approve: bool
) -> ApprovalDecided | ApprovalNotWaiting | Refused:
    """Decide on a request that the agent may see. Raises RefusedError for anybody whose role does not fit its kind."""
    agent, hall, subject = info.context.at_desk(), info.context.hall, info.context.subject
    approvals = hall.billing.approvals
    request_id = RequestId(uuid_of(input.id, "Approval", field="id"))
    request = (await approvals.requests.load([request_id])).get(request_id)
    account = await hall.accounts.load(request.account_id) if request else None
    if request is None or account is None:
        return refused(NO_SUCH_REQUEST, info)
    if may_serve(subject, region=request.region, org_path=request.org_path) is not True:
        return refused(NO_SUCH_REQUEST, info)
    if approve or request.prepared_by != agent.name:
        require(may_approve(subject, kind=request.kind, region=request.region, org_path=request.org_path))
    reason = good_reason(input.reason)
    if isinstance(reason, Refusal):
        return refused(reason, info)
    outcome = await decide(
        approvals=approvals, request_id=request_id, by=agent.name, approve=approve, reason=reason, now=hall.clock.now()
    )
    if isinstance(outcome, Decided):
        return ApprovalDecided(approval=Approval.of(outcome.request, account=account))
    if isinstance(outcome, NotWaiting | Overtaken):
        return ApprovalNotWaiting(approval=Approval.of(outcome.request or request, account=account))
    return refused(SAME_PERSON, info)
