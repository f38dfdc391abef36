"""Start paying bills."""

from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import AccountId
from gridhall.billing.bills.model import BillId
from gridhall.billing.payments.port import ProviderUnavailableError
from gridhall.billing.payments.starting import (
    AmountRefused,
    KeyReused,
    NothingOwed,
    NothingToPay,
    Started,
    Wanted,
    start,
)
from gridhall.crm.access.policies import may_pay
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError, require
from gridhall.graphql.ids import uuid_of
from gridhall.graphql.types.money import Money
from gridhall.kit.paging import MAX_PAGE

_KEY_LENGTHS = range(8, 65)


@strawberry.input(description="Bills of one account to pay in one go.")
class PayBillsInput:
    """Bills of one account to pay in one go."""

    account_id: relay.GlobalID
    bill_ids: list[relay.GlobalID]
    idempotency_key: str = strawberry.field(
        description="8 to 64 characters, one a payment: repeating the request with it starts no second payment."
    )


@strawberry.type(description="The payment is ready to be confirmed by the customer.")
class PaymentReady:
    """The payment is ready to be confirmed."""

    number: str = strawberry.field(description="Our number of the payment.")
    amount: Money
    pay_url: str = strawberry.field(description="Where the customer confirms it.")


@strawberry.type(description="One of the bills is paid already, or is not a payable bill of the account.")
class BillNotPayable:
    """One of the bills is not payable."""

    bill_id: relay.GlobalID


@strawberry.type(description="The idempotency key was used for another payment.")
class IdempotencyKeyReused:
    """The idempotency key was used for another payment."""

    idempotency_key: str


PayBillsResult = Annotated[
    PaymentReady | BillNotPayable | IdempotencyKeyReused,
    strawberry.union("PayBillsResult", description="What came of starting a payment."),
]


@strawberry.mutation(description="Start paying bills of an account that the caller may pay for.")
async def pay_bills(info: Info, input: PayBillsInput) -> PayBillsResult:
    """Start paying bills."""
    hall, customer = info.context.hall, info.context.signed_in()
    account_id = AccountId(uuid_of(input.account_id, "Account", field="accountId"))
    require(may_pay(info.context.subject, account_id))
    bill_ids = [BillId(uuid_of(bill_id, "Bill", field="billIds")) for bill_id in input.bill_ids]
    if not 1 <= len(bill_ids) <= MAX_PAGE or len(set(bill_ids)) != len(bill_ids):
        raise RefusedError("input.bad_list", {"field": "billIds", "most": MAX_PAGE})
    key = checked_key(input.idempotency_key)
    account = await hall.accounts.load(account_id)
    if account is None:
        raise RefusedError("access.not_your_account")
    try:
        outcome = await start(
            payments=hall.billing.payments,
            provider=hall.provider,
            wanted=[Wanted(account, tuple(bill_ids))],
            payer=str(customer.id),
            key=key,
            description=hall.words.say(
                "payment.description", language=info.context.language, params={"bills": len(bill_ids)}
            ),
            now=hall.clock.now(),
        )
    except ProviderUnavailableError:
        raise RefusedError("payments.unavailable") from None
    return _presented(outcome, key)


def checked_key(key: str) -> str:
    """Return an idempotency key. Raises RefusedError where it is too short or too long."""
    if len(key) not in _KEY_LENGTHS:
        raise RefusedError("input.bad_key")
    return key


def _presented(outcome: Started | NothingToPay | NothingOwed | AmountRefused | KeyReused, key: str) -> PayBillsResult:
    match outcome:
        case Started(intent):
            return PaymentReady(number=intent.number, amount=Money(fen=intent.amount), pay_url=intent.pay_url or "")
        case NothingToPay(bill_id):
            return BillNotPayable(bill_id=relay.GlobalID("Bill", str(bill_id)))
        case NothingOwed() | AmountRefused():
            raise RefusedError("payments.unavailable")
        case KeyReused():
            return IdempotencyKeyReused(idempotency_key=key)
