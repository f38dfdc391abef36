"""Pay for somebody else by account number, without a binding."""

import strawberry

from gridhall.billing.payments.starting import Wanted
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.mutations.start_payment import PayBillsResult, started
from gridhall.graphql.types.payable import found_payable
from gridhall.graphql.types.paying import PaymentProvider
from gridhall.kit.money import Fen


@strawberry.input(description="Whose account to pay, by its whole number.")
class PayForOtherInput:
    """Whose account to pay."""

    account_number: str
    fen: int | None = strawberry.field(default=None, description="Null is exactly what is owed.")
    idempotency_key: str = strawberry.field(description="8 to 64 characters, one a payment.")
    provider: PaymentProvider = strawberry.field(
        default=PaymentProvider.ALIPAY, description="Through whom the customer pays."
    )


@strawberry.mutation(
    description="Start paying what somebody else owes: parents, a tenant. The payer sees no bill, and the receipt "
    "names the account masked. Counts as a look-up of the number."
)
async def pay_for_other(info: Info, input: PayForOtherInput) -> PayBillsResult:
    """Start paying for somebody else."""
    found = await found_payable(info, input.account_number)
    if found is None:
        raise RefusedError("payments.no_such_account")
    wanted = Wanted(found.account, amount=None if input.fen is None else Fen(input.fen))
    return await started(info, [wanted], provider=input.provider, key=input.idempotency_key)
