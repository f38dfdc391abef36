"""Taking what a provider told of an order: money that fits is settled, money that does not is a case for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from prometheus_client import Counter

from gridhall.billing.cases.model import Case, CaseKind, case_of
from gridhall.billing.cases.operations import Cases, open_cases
from gridhall.billing.payments.model import Intent, TradeNumber
from gridhall.billing.payments.online import AmountDiffers, NotPaid, UnknownTrade, settle_trade
from gridhall.billing.payments.operations import (
    AlreadySettled,
    NumberTakenError,
    Settled,
    UnknownAccountError,
)
from gridhall.billing.payments.port import OnlineProvider, RefundTold, Trade
from gridhall.billing.payments.till import Payments
from gridhall.billing.payments.told.repository import CallbackRepository
from gridhall.billing.refunds.operations import Refunds
from gridhall.billing.refunds.operations import told as note_refund
from gridhall.kit.localdays import local_day
from gridhall.kit.money import Fen, yuan

TOLD = Counter("gridhall_payments_told", "What came of what providers told of orders.", ("provider", "by", "outcome"))

_WHY: Final[Mapping[type, str]] = {
    NumberTakenError: "number_taken",
    UnknownAccountError: "no_account",
    UnknownTrade: "no_order",
    AmountDiffers: "other_amount",
}


@dataclass(frozen=True, slots=True)
class Telling:
    """What these operations need at hand.

    zone: of local days. books_region: whose accountants look into money that is of no region. asked_at_once: about how
    many intents providers are asked beside each other.
    """

    payments: Payments
    refunds: Refunds
    cases: Cases
    callbacks: CallbackRepository
    zone: str
    books_region: str
    asked_at_once: int


class Taken(StrEnum):
    """What became of it. In every case the provider need not say it again."""

    SETTLED = "settled"
    KNOWN = "known"
    """It had been settled before."""
    NOT_PAID = "not_paid"
    CASE = "case"
    """It fits no payment of ours as it should: nothing was posted, and a person will look into it."""


_TAKEN: Final[Mapping[type, Taken]] = {Settled: Taken.SETTLED, AlreadySettled: Taken.KNOWN, NotPaid: Taken.NOT_PAID}


async def read_callback(
    *, telling: Telling, provider: OnlineProvider, headers: Mapping[str, str], body: bytes, now: datetime
) -> Trade | RefundTold:
    """Verify a callback and keep it as evidence; what is forged is kept nowhere.

    Raises ForgedCallbackError, and ProviderUnavailableError where it cannot be judged now.
    """
    told = await provider.read_callback(headers=headers, body=body, now=now)
    said = {name: value for name, value in headers.items() if name.lower().startswith("wechatpay-")}
    await telling.callbacks.keep(provider=provider.name, number=told.number, headers=said, body=body, now=now)
    return told


async def take_trade(*, telling: Telling, provider: str, trade: Trade, by: str, now: datetime) -> Taken:
    """Settle what was told of an order, or open a case of it. by: `callback` or `query`. Idempotent."""
    taken = await _take(telling, provider, trade, now=now)
    TOLD.labels(provider, by, taken).inc()
    return taken


async def take_refund(*, telling: Telling, provider: str, told: RefundTold, by: str, now: datetime) -> Taken:
    """Note what was told of a refund; one that nobody asked for here opens a case. Idempotent."""
    refund = await note_refund(refunds=telling.refunds, told=told, now=now)
    taken = Taken.KNOWN if refund else Taken.CASE
    if refund is None:
        number = ("refund_number", told.number)
        evidence = (("why", "no_refund"), ("provider", provider), number, ("state", told.state))
        case = case_of(
            kind=CaseKind.UNMATCHED_MONEY,
            key=f"told:{provider}:refund:{told.number}",
            region=telling.books_region,
            amount=Fen(-(told.amount or 0)),
            evidence=evidence,
            now=now,
            today=local_day(now, telling.zone),
        )
        await open_cases(telling.cases, [case])
    TOLD.labels(provider, by, f"refund_{taken}").inc()
    return taken


async def _take(telling: Telling, provider: str, trade: Trade, *, now: datetime) -> Taken:
    try:
        outcome = await settle_trade(payments=telling.payments, provider=provider, trade=trade, now=now)
    except (NumberTakenError, UnknownAccountError) as error:
        return await _open(telling, provider, trade, why=_WHY[type(error)], now=now)
    if isinstance(outcome, UnknownTrade | AmountDiffers):
        return await _open(telling, provider, trade, why=_WHY[type(outcome)], now=now)
    return _TAKEN[type(outcome)]


async def _open(telling: Telling, provider: str, trade: Trade, *, why: str, now: datetime) -> Taken:
    intent = await telling.payments.intents.load(TradeNumber(trade.number))
    await open_cases(telling.cases, [_case(telling, provider, trade, intent, why=why, now=now)])
    return Taken.CASE


def _case(telling: Telling, provider: str, trade: Trade, intent: Intent | None, *, why: str, now: datetime) -> Case:
    """Return the case of money that does not fit."""
    evidence = (
        ("why", why),
        ("provider", provider),
        ("provider_number", trade.provider_number or ""),
        ("trade_number", trade.number),
        ("paid_at", trade.paid_at.isoformat() if trade.paid_at else ""),
        ("ordered", str(yuan(intent.amount)) if intent else ""),
        ("paid", str(yuan(trade.total)) if trade.total is not None else ""),
    )
    return case_of(
        kind=CaseKind.UNMATCHED_MONEY,
        key=f"told:{provider}:{trade.provider_number}:{trade.number}",
        region=intent.region if intent else telling.books_region,
        account_id=intent.parts[0].account_id if intent else None,
        amount=trade.total or Fen(0),
        evidence=evidence,
        now=now,
        today=local_day(now, telling.zone),
    )
