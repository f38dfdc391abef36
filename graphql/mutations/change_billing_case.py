"""What taking and closing a case of bills or money share: the rights, the outcomes, and who asks."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.billing.cases.model import Case, CaseId
from gridhall.billing.cases.operations import CaseChanged, CaseClosedBefore, Cases
from gridhall.crm.agents.billing_policies import may_see_to_cases
from gridhall.crm.agents.model import Agent
from gridhall.crm.agents.policies import may_serve
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.billing_cases import BillingCase
from gridhall.kit.subject import Refusal

NO_SUCH_CASE = Refusal("billing_cases.no_such_case")

Change = Callable[[Cases, Case, Agent], Awaitable[CaseChanged | CaseClosedBefore | Refusal]]


@strawberry.type(description="The case as it is now.")
class BillingCaseChanged:
    """The case as it is now."""

    case: BillingCase


@strawberry.type(description="The case was closed before.")
class BillingCaseClosedBefore:
    """The case was closed before."""

    case: BillingCase


ChangeBillingCaseResult = Annotated[
    BillingCaseChanged | BillingCaseClosedBefore | Refused,
    strawberry.union("ChangeBillingCaseResult", description="What came of changing a case."),
]


async def changed(
    info: Info, id: relay.GlobalID, change: Change
) -> BillingCaseChanged | BillingCaseClosedBefore | Refused:
    """Change a case that the agent may see, or say why not."""
    agent, hall, subject = info.context.at_desk(), info.context.hall, info.context.subject
    case_id = CaseId(uuid_of(id, "BillingCase", field="id"))
    case = (await hall.billing.cases.cases.load([case_id])).get(case_id)
    if case is None or may_serve(subject, region=case.region, org_path=case.org_path) is not True:
        return refused(NO_SUCH_CASE, info)
    require(may_see_to_cases(subject, region=case.region, org_path=case.org_path))
    outcome = await change(hall.billing.cases, case, agent)
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    account = await hall.accounts.load(case.account_id) if case.account_id else None
    shown = BillingCase.of(outcome.case or case, account=account)
    return BillingCaseChanged(case=shown) if isinstance(outcome, CaseChanged) else BillingCaseClosedBefore(case=shown)
