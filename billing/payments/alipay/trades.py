"""What Alipay tells of an order or a refund, read into our words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gridhall.billing.payments.alipay.merchant import Merchant
from gridhall.billing.payments.answers import ZONE, NotOursError, said
from gridhall.billing.payments.port import RefundTold, Trade, TradeState
from gridhall.kit.money import Fen, fen_of

_TRADES: Final[Mapping[str, TradeState]] = {
    "WAIT_BUYER_PAY": TradeState.WAITING,
    "TRADE_SUCCESS": TradeState.PAID,
    "TRADE_FINISHED": TradeState.PAID,
    "TRADE_CLOSED": TradeState.CLOSED,
}


def read_trade(told: Mapping[str, Any], *, paid: str) -> Trade:
    """Read an order; paid: the name of the field that says when it was paid.

    A closed order that was paid before is one whose money went back. Raises NotOursError.
    """
    try:
        number, state = str(told["out_trade_no"]), _TRADES[told["trade_status"]]
        if state is TradeState.CLOSED and told.get(paid):
            state = TradeState.REFUNDED
        if state in {TradeState.WAITING, TradeState.CLOSED}:
            return Trade(number, state)
        return Trade(
            number=number,
            state=state,
            total=_above_zero(told["total_amount"]),
            provider_number=said(told["trade_no"]),
            paid_at=instant(told[paid]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotOursError(str(error)) from None


def read_refund(told: Mapping[str, Any], *, number: str) -> RefundTold:
    """Read what a query of a refund says; where it says none, there is none (yet). Raises NotOursError."""
    try:
        if told.get("out_request_no") != number:
            return RefundTold(number, TradeState.UNKNOWN)
        is_done = told.get("refund_status", "REFUND_SUCCESS") == "REFUND_SUCCESS"
        return RefundTold(
            number=number,
            state=TradeState.REFUNDED if is_done else TradeState.WAITING,
            amount=_above_zero(told["refund_amount"]),
            provider_number=said(told["trade_no"]),
            done_at=instant(told["gmt_refund_pay"]) if is_done and told.get("gmt_refund_pay") else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotOursError(str(error)) from None


def read_notice(told: Mapping[str, str], *, merchant: Merchant) -> Trade | RefundTold:
    """Read a verified notice. Raises NotOursError: of another application or seller, or with a field missing.

    One of a refund carries its number and the sum of all refunds of the order, which is not its own amount. Alipay has
    no number of its own for a refund: it is the order's.
    """
    if told.get("app_id") != merchant.app_id:
        raise NotOursError("app_id is not ours")
    if told.get("seller_id") != merchant.seller_id:
        raise NotOursError("seller_id is not ours")
    if told.get("out_biz_no") and told.get("gmt_refund"):
        try:
            return RefundTold(
                number=told["out_biz_no"],
                state=TradeState.REFUNDED,
                provider_number=said(told["trade_no"]),
                done_at=instant(told["gmt_refund"].partition(".")[0]),
            )
        except (KeyError, ValueError) as error:
            raise NotOursError(str(error)) from None
    return read_trade(told, paid="gmt_payment")


def instant(text: str) -> datetime:
    """Read a time of Alipay's, which is of Shanghai. Raises ValueError."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE).astimezone(UTC)


def _above_zero(text: str) -> Fen:
    fen = fen_of(text)
    if fen <= 0:
        raise ValueError("an amount is not above zero")
    return fen
