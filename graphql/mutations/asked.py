"""What came of asking for something on an account that another person approves."""

from typing import Annotated

import strawberry

from gridhall.billing.accounts.model import Account, AccountId
from gridhall.billing.approvals.operations import Approved, RefusedBefore, Waiting
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.approvals import Approval
from gridhall.kit.subject import Refusal


@strawberry.type(description="It waits for a second person, or was decided before.")
class ApprovalAsked:
    """It waits for a second person."""

    approval: Approval


AskApprovalResult = Annotated[
    ApprovalAsked | Refused, strawberry.union("AskApprovalResult", description="What came of asking.")
]


async def account_at_desk(info: Info, account_id: AccountId) -> Account:
    """Return an account. Raises RefusedError where there is none, as where it is another district's."""
    account = await info.context.hall.accounts.load(account_id)
    if account is None:
        raise RefusedError("access.not_your_district")
    return account


def asked(
    outcome: Approved | Waiting | RefusedBefore | Refusal, account: Account, info: Info
) -> ApprovalAsked | Refused:
    """Present what came of asking."""
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    return ApprovalAsked(approval=Approval.of(outcome.request, account=account))
