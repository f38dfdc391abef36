"""Promise to pay what is overdue by a day."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.arrears.agreements.operations import CUSTOMER, promise
from gridhall.crm.access.policies import may_pay
from gridhall.graphql.context import Info
from gridhall.graphql.errors import require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.mutations.refused import Refused, refused
from gridhall.graphql.types.money import Money
from gridhall.kit.subject import Refusal


@strawberry.input(description="An account, and by when all that is overdue is paid.")
class PromiseToPayInput:
    """An account, and by when all that is overdue is paid."""

    account_id: relay.GlobalID
    by: date


@strawberry.type(description="Reminders rest until that day.")
class Promised:
    """Reminders rest until that day."""

    by: date
    amount: Money = strawberry.field(description="What was promised, without penalties.")


PromiseToPayResult = Annotated[
    Promised | Refused, strawberry.union("PromiseToPayResult", description="What came of promising to pay.")
]


@strawberry.mutation(
    description="Promise to pay all that is overdue by a day, within the policy's days. For owners and members."
)
async def promise_to_pay(info: Info, input: PromiseToPayInput) -> PromiseToPayResult:
    """Promise to pay."""
    hall, _ = info.context.hall, info.context.signed_in()
    account_id = AccountId(uuid_of(input.account_id, "Account", field="accountId"))
    require(may_pay(info.context.subject, account_id))
    outcome = await promise(
        agreeing=hall.billing.follow_up.agreeing,
        account_id=account_id,
        by_day=input.by,
        by=CUSTOMER,
        now=hall.clock.now(),
    )
    if isinstance(outcome, Refusal):
        return refused(outcome, info)
    return Promised(by=outcome.rates[-1].due_on, amount=Money(fen=outcome.owed))
