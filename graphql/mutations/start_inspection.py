"""Go to the site of a case of irregular use."""

import strawberry
from strawberry import relay

from gridhall.crm.agents.model import Agent
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_case import ChangeCaseResult, changed
from gridhall.kit.subject import Refusal
from gridhall.metering.irregular.cases import operations
from gridhall.metering.irregular.cases.model import Case, CaseId


@strawberry.input(description="Whose site is gone to.")
class StartInspectionInput:
    """Whose site is gone to."""

    id: relay.GlobalID
    revision: int


@strawberry.mutation(
    description="Say that one goes to the site of a case of irregular use. For inspectors and supervisors."
)
async def start_inspection(info: Info, input: StartInspectionInput) -> ChangeCaseResult:
    """Start the inspection of a case; the one who asks is its inspector."""
    now = info.context.hall.clock.now()

    async def change(cases: operations.Cases, case_id: CaseId, agent: Agent) -> Case | Refusal:
        return await operations.start_inspection(
            cases=cases, case_id=case_id, revision=input.revision, by=agent.name, now=now
        )

    return await changed(info, input.id, change)
