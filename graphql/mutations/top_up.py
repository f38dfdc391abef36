"""Pay ahead on an account, without a bill."""

import strawberry

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.payments.starting import Wanted
from gridhall.crm.access.policies import may_pay
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.ids import uuid_in
from gridhall.graphql.mutations.start_payment import PayBillsResult, started
from gridhall.graphql.types.paying import PaymentProvider
from gridhall.kit.money import Fen


@strawberry.input(description="How much to pay ahead.")
class TopUpInput:
    """How much to pay ahead."""

    account_id: strawberry.ID
    fen: int = strawberry.field(description="What is owed when the money arrives is paid from it first.")
    idempotency_key: str = strawberry.field(description="8 to 64 characters, one a payment.")
    provider: PaymentProvider = strawberry.field(
        default=PaymentProvider.ALIPAY, description="Through whom the customer pays."
    )


@strawberry.mutation(description="Start paying ahead (预存) on an account that the caller may pay for.")
async def top_up(info: Info, input: TopUpInput) -> PayBillsResult:
    """Start paying ahead."""
    account_id = AccountId(uuid_in(input.account_id, "Account", field="accountId"))
    require(may_pay(info.context.subject, account_id))
    account = await info.context.hall.accounts.load(account_id)
    if account is None:
        raise RefusedError("access.not_your_account")
    wanted = Wanted(account, amount=Fen(input.fen))
    return await started(info, [wanted], provider=input.provider, key=input.idempotency_key, words="payment.top_up")
