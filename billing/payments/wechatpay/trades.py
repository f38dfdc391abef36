"""What WeChat Pay tells of an order or a refund, read into our words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gridhall.billing.payments.answers import NotOursError, said
from gridhall.billing.payments.port import RefundTold, Trade, TradeState
from gridhall.billing.payments.wechatpay.merchant import Merchant
from gridhall.kit.money import Fen

_TRADES: Final[Mapping[str, TradeState]] = {
    "SUCCESS": TradeState.PAID,
    "REFUND": TradeState.REFUNDED,
    "NOTPAY": TradeState.WAITING,
    "USERPAYING": TradeState.WAITING,
    "PAYERROR": TradeState.WAITING,
    "CLOSED": TradeState.CLOSED,
    "REVOKED": TradeState.CLOSED,
}
"""REFUND means that the order was paid and something of it went back since. After PAYERROR it may be paid again."""

_REFUNDS: Final[Mapping[str, TradeState]] = {
    "SUCCESS": TradeState.REFUNDED,
    "PROCESSING": TradeState.WAITING,
    "CLOSED": TradeState.CLOSED,
    "ABNORMAL": TradeState.FAILED,
}


def read_trade(told: Mapping[str, Any], *, merchant: Merchant) -> Trade:
    """Read an order. Raises NotOursError: another merchant or app, another currency, or a field that is missing."""
    try:
        _require("appid", told["appid"], merchant.appid)
        _require("mchid", told["mchid"], merchant.mchid)
        state = _TRADES[told["trade_state"]]
        if not state.came:
            return Trade(number=str(told["out_trade_no"]), state=state)
        return Trade(
            number=str(told["out_trade_no"]),
            state=state,
            total=_fen(told["amount"], "total"),
            provider_number=said(told["transaction_id"]),
            paid_at=_instant(told["success_time"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotOursError(str(error)) from None


def read_refund(told: Mapping[str, Any], *, status: str, merchant: Merchant | None = None) -> RefundTold:
    """Read a refund; status: the name of the field that says how it stands.

    merchant: whose number is checked, where WeChat Pay says one (in callbacks). Raises NotOursError.
    """
    try:
        if merchant is not None:
            _require("mchid", told["mchid"], merchant.mchid)
        state = _REFUNDS[told[status]]
        done = told.get("success_time") if state is TradeState.REFUNDED else None
        return RefundTold(
            number=str(told["out_refund_no"]),
            state=state,
            amount=_fen(told["amount"], "refund"),
            provider_number=said(told["refund_id"]),
            done_at=_instant(done) if done else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotOursError(str(error)) from None


def _require(field: str, said: object, ours: str) -> None:
    if said != ours:
        raise ValueError(f"{field} is not ours")


def _fen(amount: Mapping[str, Any], field: str) -> Fen:
    """Read an amount, which is a whole number of fen. A refund's callback says no currency; what says one says CNY."""
    if amount.get("currency", "CNY") != "CNY":
        raise ValueError("currency is not CNY")
    fen = amount[field]
    if type(fen) is not int or fen <= 0:
        raise ValueError(f"{field} is no whole number above zero")
    return Fen(fen)


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("success_time has no offset")
    return at.astimezone(UTC)
