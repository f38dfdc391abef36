"""Ask to be bound to an account."""

from datetime import datetime
from typing import Annotated

import strawberry

from gridhall.crm.access.operations import ask_binding as ask
from gridhall.crm.access.policies import may_ask_binding
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.kit.subject import Refusal


@strawberry.input(description="The account to be bound to.")
class AskBindingInput:
    """The account to be bound to."""

    account_number: str


@strawberry.type(description="If the account exists, a code is on its way to the phone registered for it.")
class BindingCodeSent:
    """A code is on its way."""

    expires_at: datetime


AskBindingResult = Annotated[
    BindingCodeSent | Refused, strawberry.union("AskBindingResult", description="What came of asking.")
]


@strawberry.mutation(description="Ask for a code to the phone that is registered for an account number (户号).")
async def ask_binding(info: Info, input: AskBindingInput) -> AskBindingResult:
    """Ask to be bound to an account."""
    require(may_ask_binding(info.context.subject))
    hall = info.context.hall
    outcome = await ask(
        access=hall.people.access,
        customer=info.context.signed_in(),
        number=input.account_number,
        now=hall.clock.now(),
    )
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    return BindingCodeSent(expires_at=outcome.expires_at)
