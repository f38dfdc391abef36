"""What an online provider tells of a trade, by a callback or when asked, becomes settled money."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gridhall.billing.ledger.model import Book
from gridhall.billing.payments.model import PaymentReceived, TradeNumber
from gridhall.billing.payments.operations import AlreadySettled, Settled, settle
from gridhall.billing.payments.port import Trade, TradeState
from gridhall.billing.payments.till import Payments

CASH: Final = {"wechatpay": Book.CASH_WECHAT, "alipay": Book.CASH_ALIPAY}
"""The book in which the money of a provider lies until it is paid out to the bank."""


@dataclass(frozen=True, slots=True)
class UnknownTrade:
    """No payment of this provider was started under the number."""


@dataclass(frozen=True, slots=True)
class AmountDiffers:
    """The provider tells of another amount than was ordered: nothing was posted, and a person has to look."""


@dataclass(frozen=True, slots=True)
class NotPaid:
    """The trade is not paid (yet)."""

    state: TradeState


async def settle_trade(
    *, payments: Payments, provider: str, trade: Trade, now: datetime
) -> Settled | AlreadySettled | NotPaid | UnknownTrade | AmountDiffers:
    """Settle what a provider tells of an order of ours. Idempotent; whether it was told or asked makes no difference.

    Money for an intent that was closed meanwhile is settled all the same. Raises NumberTakenError as `settle` does.
    """
    if not trade.state.came or trade.provider_number is None or trade.paid_at is None:
        return NotPaid(trade.state)
    intent = await payments.intents.load(TradeNumber(trade.number))
    if intent is None or intent.provider != provider:
        return UnknownTrade()
    if trade.total != intent.amount:
        return AmountDiffers()
    payment = PaymentReceived(provider, trade.provider_number, intent.parts, trade.paid_at, intent.number)
    return await settle(payments=payments, payment=payment, cash=CASH.get(provider, Book.CASH_ONLINE), now=now)
