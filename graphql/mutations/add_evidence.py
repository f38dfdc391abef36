"""Add a photo from the site to a case of irregular use."""

from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.crm.agents.model import Agent
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.mutations.change_case import ChangeCaseResult, changed
from gridhall.kit.subject import Refusal
from gridhall.metering.irregular.cases.model import Case, CaseId
from gridhall.metering.irregular.cases.operations import Cases, add_photo


@strawberry.input(description="A photo from the site.")
class AddEvidenceInput:
    """A photo from the site."""

    id: relay.GlobalID
    revision: int
    photo_id: str = strawberry.field(description="As `POST /v1/photos` answered to the same person.")
    note: str = strawberry.field(default="", description="What is to be seen; at most 500 characters.")


@strawberry.mutation(
    description="Add a photo to a case of irregular use that is being inspected. For inspectors and supervisors."
)
async def add_evidence(info: Info, input: AddEvidenceInput) -> ChangeCaseResult:
    """Add a photo to a case. The same photo again changes nothing."""
    now, photo_id = info.context.hall.clock.now(), _photo(input.photo_id)

    async def change(cases: Cases, case_id: CaseId, agent: Agent) -> Case | Refusal:
        return await add_photo(
            cases=cases,
            case_id=case_id,
            revision=input.revision,
            photo_id=photo_id,
            note=input.note,
            by=agent.name,
            by_id=agent.id,
            now=now,
        )

    return await changed(info, input.id, change)


def _photo(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RefusedError("input.bad_id", {"field": "photoId", "type": "photo"}) from None
