"""Unmask personal fields of a customer."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.crm.audit.operations import PersonalField
from gridhall.crm.audit.operations import unmask as tell
from gridhall.graphql.context import Info
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.desk.customer import dossier_of
from gridhall.kit.subject import Refusal

strawberry.enum(PersonalField, description="A field that the desk shows masked.")

NO_SUCH_CUSTOMER = Refusal("desk.no_such_customer")


@strawberry.input(description="Whose fields, which, and why.")
class UnmaskInput:
    """Whose fields, which, and why."""

    customer_id: relay.GlobalID
    fields: list[PersonalField]
    reason: str = strawberry.field(description="4 to 200 characters; kept in the audit trail.")


@strawberry.type(description="The plain value of a field.")
class PlainValue:
    """The plain value of a field."""

    field: PersonalField
    value: str | None
    account_number: str | None = strawberry.field(description="Whose address it is.")


@strawberry.type(description="The plain values; that they were told is in the audit trail.")
class Unmasked:
    """The plain values."""

    values: list[PlainValue]
    at: datetime


UnmaskResult = Annotated[Unmasked | Refused, strawberry.union("UnmaskResult", description="What came of unmasking.")]


@strawberry.mutation(
    description="Tell personal fields of a customer of the agent's district. Each call is audited once."
)
async def unmask(info: Info, input: UnmaskInput) -> UnmaskResult:
    """Unmask fields."""
    agent, hall = info.context.at_desk(), info.context.hall
    if not input.fields:
        return refused(Refusal("desk.bad_fields"), info)
    # A dossier holds what lies in the agent's district, and is the right to it.
    dossier = await dossier_of(info, input.customer_id, field="customerId")
    if dossier is None:
        return refused(NO_SUCH_CUSTOMER, info)
    now = hall.clock.now()
    outcome = await tell(
        audit=hall.people.audit, agent=agent, dossier=dossier, fields=input.fields, reason=input.reason, now=now
    )
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    values = [PlainValue(field=one.field, value=one.value, account_number=one.account_number) for one in outcome]
    return Unmasked(values=values, at=now)
