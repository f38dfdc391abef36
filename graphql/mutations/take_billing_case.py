"""Take a case of bills or money, or hand it over."""

import strawberry
from strawberry import relay

from gridhall.billing.cases.model import Case
from gridhall.billing.cases.operations import CaseChanged, CaseClosedBefore, Cases, take
from gridhall.crm.agents.billing_policies import may_see_to_cases
from gridhall.crm.agents.model import Agent
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_billing_case import ChangeBillingCaseResult, changed
from gridhall.kit.subject import Refusal

NO_SUCH_OWNER = Refusal("desk.bad_owner")


@strawberry.input(description="A case, and who is to see to it.")
class TakeBillingCaseInput:
    """A case, and who is to see to it."""

    id: relay.GlobalID
    owner: str | None = strawberry.field(default=None, description="Name of a colleague; the caller where absent.")


@strawberry.mutation(description="Take a case of bills or money, or hand it over. For all but agents who only answer.")
async def take_billing_case(info: Info, input: TakeBillingCaseInput) -> ChangeBillingCaseResult:
    """Take a case."""
    hall = info.context.hall

    async def change(cases: Cases, case: Case, agent: Agent) -> CaseChanged | CaseClosedBefore | Refusal:
        owner = input.owner or agent.name
        found = await hall.people.agents.agents.by_name(owner)
        place = {"region": case.region, "org_path": case.org_path}
        if not found or may_see_to_cases(found[0].as_subject(), **place) is not True:
            return NO_SUCH_OWNER
        return await take(cases=cases, case_id=case.id, owner=owner, by=agent.name, now=hall.clock.now())

    return await changed(info, input.id, change)
