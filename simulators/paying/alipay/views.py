"""Orders and refunds as Alipay tells them: amounts in yuan, times of Shanghai without an offset, texts throughout."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gridhall.kit.money import yuan
from gridhall.simulators.paying.keys import AlipayKeys
from gridhall.simulators.paying.till import PayOrder, Refund

ZONE = ZoneInfo("Asia/Shanghai")
_BUYER = "2088000000007777"


def trade_status(order: PayOrder) -> str:
    """Return how an order stands; one that was given back in full is closed."""
    if order.paid_at is not None:
        return "TRADE_CLOSED" if order.refunded == order.total else "TRADE_SUCCESS"
    return "TRADE_CLOSED" if order.closed_at else "WAIT_BUYER_PAY"


def trade_view(order: PayOrder) -> dict[str, Any]:
    """Return what a query says of an order."""
    return {
        "trade_no": order.transaction_id or f"{order.ordered_at:%Y%m%d}{'0' * 20}",
        "out_trade_no": order.number,
        "buyer_user_id": _BUYER,
        "trade_status": trade_status(order),
        "total_amount": str(yuan(order.total)),
        **({"send_pay_date": local(order.paid_at)} if order.paid_at else {}),
    }


def refund_view(order: PayOrder, refund: Refund) -> dict[str, Any]:
    """Return what a query says of a refund."""
    return {
        "trade_no": order.transaction_id,
        "out_trade_no": order.number,
        "out_request_no": refund.number,
        "total_amount": str(yuan(order.total)),
        "refund_amount": str(yuan(refund.amount)),
        "refund_status": "REFUND_SUCCESS" if refund.done_at else "REFUND_PROCESSING",
        **({"gmt_refund_pay": local(refund.done_at)} if refund.done_at else {}),
    }


def notice(
    order: PayOrder, keys: AlipayKeys, *, refund: Refund | None, notify_id: str, now: datetime
) -> dict[str, str]:
    """Return what a notice says; one of a refund says the sum of all refunds, not its own amount."""
    said = {
        "notify_time": local(now),
        "notify_type": "trade_status_sync",
        "notify_id": notify_id,
        "app_id": keys.app_id,
        "auth_app_id": keys.app_id,
        "charset": "utf-8",
        "version": "1.0",
        "trade_no": order.transaction_id or "",
        "out_trade_no": order.number,
        "buyer_id": _BUYER,
        "seller_id": keys.seller_id,
        "trade_status": "TRADE_SUCCESS" if refund is None else trade_status(order),
        "total_amount": str(yuan(order.total)),
        "receipt_amount": str(yuan(order.total)),
        "buyer_pay_amount": str(yuan(order.total)),
        "subject": order.description,
        "gmt_create": local(order.ordered_at),
        "gmt_payment": local(order.paid_at) if order.paid_at else "",
        "fund_bill_list": f'[{{"amount":"{yuan(order.total)}","fundChannel":"ALIPAYACCOUNT"}}]',
    }
    if refund is not None and refund.done_at is not None:
        millis = refund.done_at.microsecond // 1000
        said["gmt_refund"] = f"{local(refund.done_at)}.{millis:03}"
        said["refund_fee"] = str(yuan(order.refunded))
        said["out_biz_no"] = refund.number
    return said


def local(at: datetime) -> str:
    """Return an instant as Alipay writes it."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
