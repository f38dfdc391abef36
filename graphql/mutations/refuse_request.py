"""Refuse a request."""

import strawberry

from gridhall.graphql.context import Info
from gridhall.graphql.mutations.decide_approval import DecideApprovalInput, DecideApprovalResult, decided


@strawberry.mutation(description="Refuse what somebody prepared, or take back what one prepared oneself.")
async def refuse_request(info: Info, input: DecideApprovalInput) -> DecideApprovalResult:
    """Refuse a request."""
    return await decided(info, input, approve=False)
