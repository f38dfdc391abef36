"""What confirming and dismissing a case of irregular use share: the input, and how it is handed on."""

from collections.abc import Awaitable, Callable

import strawberry
from strawberry import relay

from gridhall.crm.agents.model import Agent
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_case import IrregularCaseChanged, changed
from gridhall.graphql.mutations.refused import Refused
from gridhall.kit.subject import Refusal
from gridhall.metering.irregular.cases.model import Case, CaseId, Closing
from gridhall.metering.irregular.cases.operations import Cases

Close = Callable[..., Awaitable[Case | Refusal]]
"""`confirm` or `dismiss`."""


@strawberry.input(description="A case, what was found, and in which words.")
class CloseIrregularCaseInput:
    """A case, what was found, and in which words."""

    id: relay.GlobalID
    revision: int
    closing: Closing
    note: str = strawberry.field(description="4 to 500 characters; kept with the case.")


async def closed(info: Info, input: CloseIrregularCaseInput, close: Close) -> IrregularCaseChanged | Refused:
    """Close a case that the agent may see, or say why not."""
    now = info.context.hall.clock.now()

    async def change(cases: Cases, case_id: CaseId, agent: Agent) -> Case | Refusal:
        return await close(
            cases=cases,
            case_id=case_id,
            revision=input.revision,
            closing=input.closing,
            note=input.note,
            by=agent.name,
            now=now,
        )

    return await changed(info, input.id, change)
