"""Dismiss a case of irregular use."""

import strawberry

from gridhall.crm.agents.model import Agent
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_case import ChangeCaseResult, changed
from gridhall.graphql.mutations.close_irregular_case import CloseIrregularCaseInput
from gridhall.kit.subject import Refusal
from gridhall.metering.irregular.cases.model import Case, CaseId
from gridhall.metering.irregular.cases.operations import Cases, dismiss


@strawberry.mutation(description="Say that nothing is wrong. For inspectors and supervisors.")
async def dismiss_irregular_case(info: Info, input: CloseIrregularCaseInput) -> ChangeCaseResult:
    """Dismiss a case of irregular use."""
    now = info.context.hall.clock.now()

    async def change(cases: Cases, case_id: CaseId, agent: Agent) -> Case | Refusal:
        return await dismiss(
            cases=cases,
            case_id=case_id,
            revision=input.revision,
            closing=input.closing,
            note=input.note,
            by=agent.name,
            now=now,
        )

    return await changed(info, input.id, change)
