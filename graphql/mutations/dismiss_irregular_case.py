"""Dismiss a case of irregular use."""

import strawberry

from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_case import ChangeCaseResult
from gridhall.graphql.mutations.close_irregular_case import CloseIrregularCaseInput, closed
from gridhall.metering.irregular.cases.operations import dismiss


@strawberry.mutation(description="Say that nothing is wrong. For inspectors and supervisors.")
async def dismiss_irregular_case(info: Info, input: CloseIrregularCaseInput) -> ChangeCaseResult:
    """Dismiss a case of irregular use."""
    return await closed(info, input, dismiss)
