"""What every mutation that starts an online payment shares: the outcomes, the call, and how they are presented."""

from collections.abc import Sequence
from typing import Annotated

import strawberry
from strawberry import relay

from gridhall.billing.accounts.model import masked_number
from gridhall.billing.payments.port import ProviderUnavailableError
from gridhall.billing.payments.starting import (
    AmountRefused,
    KeyReused,
    NothingOwed,
    NothingToPay,
    Refused,
    Started,
    Wanted,
    start,
)
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError
from gridhall.graphql.types.money import Money
from gridhall.graphql.types.paying import PaymentProvider, WechatPayParameters, chosen
from gridhall.graphql.types.payment import PaymentPart, parts_of
from gridhall.kit.money import Fen

_KEY_LENGTHS = range(8, 65)


@strawberry.type(description="The payment is ready to be confirmed by the customer, within two hours.")
class PaymentReady:
    """The payment is ready to be confirmed."""

    number: str = strawberry.field(description="Our number of the payment.")
    amount: Money
    principal: Money = strawberry.field(description="What of the amount is for bills, or paid ahead.")
    penalty: Money = strawberry.field(description="What of the amount is for late-payment penalties, through today.")
    parts: list[PaymentPart] = strawberry.field(description="How much is for which account, masked.")
    pay_url: str | None = strawberry.field(description="The page on which the customer confirms it, at Alipay.")
    wechat_pay: WechatPayParameters | None = strawberry.field(description="How the customer confirms it, in WeChat.")


@strawberry.type(description="One of the bills is paid already, or is not a payable bill of the account.")
class BillNotPayable:
    """One of the bills is not payable."""

    bill_id: relay.GlobalID


@strawberry.type(description="Nothing is owed on one of the accounts. To pay ahead, name an amount.")
class NothingIsOwed:
    """Nothing is owed on one of the accounts."""

    account_number: str = strawberry.field(description="Masked.")


@strawberry.type(description="An amount that is neither what is owed nor within what a payment may be.")
class AmountNotAllowed:
    """An amount outside of what a payment may be."""

    least: Money
    most: Money


@strawberry.type(description="The idempotency key was used for another payment.")
class IdempotencyKeyReused:
    """The idempotency key was used for another payment."""

    idempotency_key: str


PaymentStarted = PaymentReady | BillNotPayable | NothingIsOwed | AmountNotAllowed | IdempotencyKeyReused

PayBillsResult = Annotated[
    PaymentReady | BillNotPayable | NothingIsOwed | AmountNotAllowed | IdempotencyKeyReused,
    strawberry.union("PayBillsResult", description="What came of starting a payment."),
]


async def started(
    info: Info, wanted: Sequence[Wanted], *, provider: PaymentProvider, key: str, words: str = "payment.description"
) -> PaymentStarted:
    """Start a payment of what is wanted, for the signed-in customer. Raises RefusedError where the provider is away.

    words: the key of what the payer reads at the provider.
    """
    hall, customer = info.context.hall, info.context.signed_in()
    opened, payer_at_provider = chosen(info, provider)
    said = {"bills": sum(len(one.bill_ids) for one in wanted) or len(wanted)}
    try:
        outcome = await start(
            payments=hall.billing.payments,
            provider=opened,
            wanted=wanted,
            payer=str(customer.id),
            key=checked_key(key),
            description=hall.words.say(words, language=info.context.language, params=said),
            now=hall.clock.now(),
            payer_at_provider=payer_at_provider,
        )
    except ProviderUnavailableError:
        raise RefusedError("payments.unavailable") from None
    return _presented(outcome, key, wanted)


def checked_key(key: str) -> str:
    """Return an idempotency key. Raises RefusedError where it is too short or too long."""
    if len(key) not in _KEY_LENGTHS:
        raise RefusedError("input.bad_key")
    return key


def _presented(outcome: Started | Refused, key: str, wanted: Sequence[Wanted]) -> PaymentStarted:
    accounts = {one.account.id: one.account for one in wanted}
    match outcome:
        case Started(intent):
            return PaymentReady(
                number=intent.number,
                amount=Money(fen=intent.amount),
                principal=Money(fen=Fen(intent.amount - intent.penalty)),
                penalty=Money(fen=intent.penalty),
                parts=parts_of(intent, accounts),
                pay_url=intent.pay_url,
                wechat_pay=WechatPayParameters.of(intent.client),
            )
        case NothingToPay(bill_id):
            return BillNotPayable(bill_id=relay.GlobalID("Bill", str(bill_id)))
        case NothingOwed(account_id):
            return NothingIsOwed(account_number=masked_number(accounts[account_id].number))
        case AmountRefused(_, bounds):
            return AmountNotAllowed(least=Money(fen=bounds.least), most=Money(fen=bounds.most))
        case KeyReused():
            return IdempotencyKeyReused(idempotency_key=key)
