"""Write a note on a customer."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.crm.notes.operations import KeyReused
from gridhall.crm.notes.operations import add_note as add
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.mutations.start_payment import IdempotencyKeyReused, checked_key
from gridhall.graphql.mutations.unmask import NO_SUCH_CUSTOMER
from gridhall.graphql.types.desk.customer import dossier_of
from gridhall.kit.subject import Refusal


@strawberry.input(description="A note on a customer.")
class AddNoteInput:
    """A note on a customer."""

    customer_id: relay.GlobalID
    text: str
    idempotency_key: str = strawberry.field(
        description="8 to 64 characters, one a note: repeating the request with it writes no second note."
    )


@strawberry.type(description="The note is kept.")
class NoteAdded:
    """The note is kept."""

    agent: str
    text: str
    at: datetime


AddNoteResult = Annotated[
    NoteAdded | IdempotencyKeyReused | Refused,
    strawberry.union("AddNoteResult", description="What came of writing a note."),
]


@strawberry.mutation(description="Write a note on a customer of the agent's district.")
async def add_note(info: Info, input: AddNoteInput) -> AddNoteResult:
    """Write a note."""
    agent, hall = info.context.at_desk(), info.context.hall
    key = checked_key(input.idempotency_key)
    dossier = await dossier_of(info, input.customer_id, field="customerId")
    if dossier is None:
        return refused(NO_SUCH_CUSTOMER, info)
    outcome = await add(
        notes=hall.people.notes,
        agent=agent,
        customer_id=dossier.customer.id,
        text=input.text,
        key=key,
        now=hall.clock.now(),
    )
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    if isinstance(outcome, KeyReused):
        return IdempotencyKeyReused(idempotency_key=key)
    return NoteAdded(agent=outcome.agent, text=outcome.text, at=outcome.at)
