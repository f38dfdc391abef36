"""Note that the authority was told of a critical customer's arrears."""

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import Account
from gridhall.billing.arrears.shielding import note_report
from gridhall.crm.agents.model import Agent
from gridhall.crm.audit.operations import good_reason
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.change_arrears import ChangeArrearsResult, changed
from gridhall.kit.subject import Refusal


@strawberry.input(description="An account that is shielded as critical, and what the authority was told of it.")
class NoteAuthorityToldInput:
    """An account, and what the authority was told of it."""

    id: relay.GlobalID
    note: str = strawberry.field(description="4 to 200 characters: whom, how, and the number of the letter.")


@strawberry.mutation(
    description="Note that the authority was told of a critical customer's (重要用户) arrears. Nothing else changes."
)
async def note_authority_told(info: Info, input: NoteAuthorityToldInput) -> ChangeArrearsResult:
    """Note that the authority was told."""
    hall = info.context.hall
    arrears, now = hall.billing.arrears, hall.clock.now()

    async def change(account: Account, agent: Agent) -> object:
        note = good_reason(input.note)
        if isinstance(note, Refusal):
            return note
        return await note_report(
            mongo=arrears.mongo,
            following=arrears.following,
            account_id=account.id,
            by=agent.name,
            note=note,
            now=now,
        )

    return await changed(info, input.id, change)
