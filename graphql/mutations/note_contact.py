"""Note a collector's contact: a call, a visit, and what came of it."""

from uuid import UUID

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.collecting import model
from gridhall.billing.arrears.collecting.operations import note_contact as note
from gridhall.crm.agents.model import Agent
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_arrears import ChangeArrearsResult, changed

strawberry.enum(model.ContactWay, description="How somebody was met.")
strawberry.enum(model.Outcome, name="ContactOutcome", description="What came of a contact.")


@strawberry.input(description="A contact with the people of an account in arrears.")
class NoteContactInput:
    """A contact."""

    id: relay.GlobalID
    way: model.ContactWay
    outcome: model.Outcome
    note: str = strawberry.field(description="4 to 500 characters.")
    photos: list[UUID] = strawberry.field(
        default_factory=list, description="Photos that the agent uploaded, at most 12; a visit has at least one."
    )


@strawberry.mutation(description="Note a contact. For collectors and supervisors of the account's district.")
async def note_contact(info: Info, input: NoteContactInput) -> ChangeArrearsResult:
    """Note a contact."""
    hall = info.context.hall

    async def change(account: Account, agent: Agent) -> object:
        return await note(
            collecting=hall.billing.follow_up.contacts,
            account_id=account.id,
            way=input.way,
            outcome=input.outcome,
            note=input.note,
            photos=input.photos,
            by=agent.name,
            by_id=agent.id,
            now=hall.clock.now(),
        )

    return await changed(info, input.id, change)
