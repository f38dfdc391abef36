"""Confirm a case of irregular use."""

import strawberry

from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_case import ChangeCaseResult
from gridhall.graphql.mutations.close_irregular_case import CloseIrregularCaseInput, closed
from gridhall.metering.irregular.cases.operations import confirm


@strawberry.mutation(
    description="Confirm that a use is irregular, or a meter faulty: no charge and no cut follows by itself. "
    "For inspectors and supervisors."
)
async def confirm_irregular_case(info: Info, input: CloseIrregularCaseInput) -> ChangeCaseResult:
    """Confirm a case of irregular use."""
    return await closed(info, input, confirm)
