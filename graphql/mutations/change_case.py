"""What the mutations on cases of irregular use share: the rights, the outcomes, and who asks."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.crm.agents.model import Agent
from gridhall.graphql.context import Info
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.irregular import IrregularCase, visible
from gridhall.kit.subject import Refusal
from gridhall.metering.irregular.cases.model import Case, CaseId
from gridhall.metering.irregular.cases.operations import NO_SUCH_CASE, Cases

Change = Callable[[Cases, CaseId, Agent], Awaitable[Case | Refusal]]


@strawberry.type(description="The case as it is now.")
class IrregularCaseChanged:
    """The case as it is now."""

    case: IrregularCase


ChangeCaseResult = Annotated[
    IrregularCaseChanged | Refused,
    strawberry.union("ChangeCaseResult", description="What came of changing a case of irregular use."),
]


async def changed(info: Info, id: relay.GlobalID, change: Change) -> IrregularCaseChanged | Refused:
    """Change a case that the agent may see, or say why not."""
    agent, cases = info.context.at_desk(), info.context.hall.metering.irregular
    case_id = CaseId(uuid_of(id, "IrregularCase", field="id"))
    if not visible(info, list((await cases.cases.load([case_id])).values())):
        return refused(NO_SUCH_CASE, info)
    outcome = await change(cases, case_id, agent)
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    return IrregularCaseChanged(case=IrregularCase.of(outcome, info))
