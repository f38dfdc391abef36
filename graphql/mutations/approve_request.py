"""Approve a request."""

import strawberry

from gridhall.graphql.context import Info
from gridhall.graphql.mutations.decide_approval import DecideApprovalInput, DecideApprovalResult, decided


@strawberry.mutation(
    description="Approve what somebody else prepared; it is carried out at once. Reviewers approve releases and "
    "rebills, accountants what moves money, supervisors all of it, in their district."
)
async def approve_request(info: Info, input: DecideApprovalInput) -> DecideApprovalResult:
    """Approve a request."""
    return await decided(info, input, approve=True)
