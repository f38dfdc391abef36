"""Be bound to an account by the code that was sent to its registered phone."""

from typing import Annotated

import strawberry

from gridhall.crm.access.operations import confirm_binding as confirm
from gridhall.crm.access.policies import may_ask_binding
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.account import Account
from gridhall.kit.subject import Refusal


@strawberry.input(description="The account, and the code that was sent to its registered phone.")
class ConfirmBindingInput:
    """The account and the code."""

    account_number: str
    code: str


@strawberry.type(description="The caller is bound to the account from now on.")
class AccountBound:
    """The caller is bound to the account."""

    account: Account


ConfirmBindingResult = Annotated[
    AccountBound | Refused, strawberry.union("ConfirmBindingResult", description="What came of the code.")
]


@strawberry.mutation(description="Prove by the code that was sent that the caller belongs to the account.")
async def confirm_binding(info: Info, input: ConfirmBindingInput) -> ConfirmBindingResult:
    """Be bound to an account."""
    require(may_ask_binding(info.context.subject))
    hall, context = info.context.hall, info.context
    customer = context.signed_in()
    outcome = await confirm(
        access=hall.people.access,
        customer=customer,
        number=input.account_number,
        digits=input.code,
        now=hall.clock.now(),
    )
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    # The caller's grants changed: what the rest of this request may see is read again.
    context.customer = (await hall.people.customers.load([customer.id])).get(customer.id)
    role = next(b.role for b in context.signed_in().bindings if b.account_id == outcome.account_id)
    account = (await hall.billing.accounts.load([outcome.account_id]))[outcome.account_id]
    return AccountBound(account=Account.of(account, role=role, language=context.language))
