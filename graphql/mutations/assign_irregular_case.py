"""Give a case of irregular use to somebody."""

from datetime import date

import strawberry
from strawberry import relay

from gridhall.crm.agents.model import Agent
from gridhall.crm.agents.policies import may_inspect
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_case import ChangeCaseResult, changed
from gridhall.kit.localdays import local_day
from gridhall.kit.subject import Refusal
from gridhall.metering.irregular.cases.model import Case, CaseId
from gridhall.metering.irregular.cases.operations import NO_SUCH_CASE, Cases, assign

NO_SUCH_OWNER = Refusal("irregular.bad_owner")


@strawberry.input(description="Who has to see to a case, and until when.")
class AssignIrregularCaseInput:
    """Who has to see to a case, and until when."""

    id: relay.GlobalID
    revision: int
    owner: str = strawberry.field(description="Name of an inspector or supervisor of the case's district.")
    due_on: date


@strawberry.mutation(description="Give a case of irregular use to somebody. For inspectors and supervisors.")
async def assign_irregular_case(info: Info, input: AssignIrregularCaseInput) -> ChangeCaseResult:
    """Give a case to somebody."""
    hall = info.context.hall

    async def change(cases: Cases, case_id: CaseId, agent: Agent) -> Case | Refusal:
        case = (await cases.cases.load([case_id])).get(case_id)
        owner = await hall.people.agents.agents.by_name(input.owner)
        if case is None:
            return NO_SUCH_CASE
        if not owner or may_inspect(owner[0].as_subject(), region=case.region, org_path=case.org_path) is not True:
            return NO_SUCH_OWNER
        now = hall.clock.now()
        return await assign(
            cases=cases,
            case_id=case_id,
            revision=input.revision,
            owner=input.owner,
            due_on=input.due_on,
            today=local_day(now, hall.settings.time_zone),
            by=agent.name,
            now=now,
        )

    return await changed(info, input.id, change)
