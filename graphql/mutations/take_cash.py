"""Take cash for an account."""

import strawberry

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.counter.model import good_cash
from gridhall.billing.counter.operations import KeyUsed, NoShift, Taken
from gridhall.billing.counter.operations import take_cash as take
from gridhall.crm.agents.money_policies import may_take_cash
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.ids import uuid_in
from gridhall.graphql.mutations.receipt_written import Receipt, ReceiptResult, ReceiptWritten
from gridhall.graphql.mutations.refused import refused
from gridhall.graphql.mutations.start_payment import checked_key
from gridhall.kit.subject import Refusal


@strawberry.input(description="Cash that is taken for an account.")
class TakeCashInput:
    """Cash that is taken for an account."""

    account_id: strawberry.ID = strawberry.field(description="The DeskAccount's id.")
    fen: int
    idempotency_key: str = strawberry.field(description="8 to 64 characters, one a receipt.")


@strawberry.mutation(description="Take cash for an account, in the caller's open shift. For cashiers and supervisors.")
async def take_cash(info: Info, input: TakeCashInput) -> ReceiptResult:
    """Take cash."""
    agent, hall = info.context.at_desk(), info.context.hall
    account = await hall.accounts.load(AccountId(uuid_in(input.account_id, "DeskAccount", field="accountId")))
    if account is None:
        raise RefusedError("access.not_your_district")
    require(may_take_cash(info.context.subject, region=account.region, org_path=account.org_path))
    amount = good_cash(input.fen, field="fen", least=1)
    if isinstance(amount, Refusal):
        return refused(amount, info)
    outcome = await take(
        counter=hall.billing.counter,
        cashier=agent.name,
        account=account,
        amount=amount,
        key=checked_key(input.idempotency_key),
        now=hall.clock.now(),
    )
    match outcome:
        case Taken(receipt):
            return ReceiptWritten(receipt=Receipt.of(receipt, account=account, info=info))
        case KeyUsed():
            return refused(Refusal("payments.key_reused"), info)
        case NoShift():
            return refused(Refusal("counter.no_shift"), info)
