"""Close a case of bills or money."""

import strawberry
from strawberry import relay

from gridhall.billing.cases.model import Case
from gridhall.billing.cases.operations import CaseChanged, CaseClosedBefore, Cases, close
from gridhall.crm.agents.model import Agent
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_billing_case import ChangeBillingCaseResult, changed
from gridhall.kit.subject import Refusal


@strawberry.input(description="A case, and what was found and done.")
class CloseBillingCaseInput:
    """A case, and what was found and done."""

    id: relay.GlobalID
    reason: str = strawberry.field(description="4 to 200 characters; kept with the case.")


@strawberry.mutation(description="Close a case of bills or money. For all but agents who only answer.")
async def close_billing_case(info: Info, input: CloseBillingCaseInput) -> ChangeBillingCaseResult:
    """Close a case."""
    now = info.context.hall.clock.now()

    async def change(cases: Cases, case: Case, agent: Agent) -> CaseChanged | CaseClosedBefore | Refusal:
        reason = good_reason(input.reason)
        if isinstance(reason, Refusal):
            return reason
        return await close(cases=cases, case_id=case.id, by=agent.name, reason=reason, now=now)

    return await changed(info, input.id, change)
