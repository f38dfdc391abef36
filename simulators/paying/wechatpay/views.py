"""Orders and refunds as WeChat Pay tells them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gridhall.simulators.paying.keys import WechatPayKeys
from gridhall.simulators.paying.till import PayOrder, Refund

_ZONE = ZoneInfo("Asia/Shanghai")


def trade_view(order: PayOrder, keys: WechatPayKeys) -> dict[str, Any]:
    """Return what a query or a callback says of an order."""
    state = "REFUND" if order.refunds else "SUCCESS" if order.paid_at else "CLOSED" if order.closed_at else "NOTPAY"
    view: dict[str, Any] = {
        "appid": keys.appid,
        "mchid": keys.mchid,
        "out_trade_no": order.number,
        "trade_state": state,
        "trade_state_desc": state,
        "attach": "",
    }
    if order.paid_at is None:
        return view
    return {
        **view,
        "transaction_id": order.transaction_id,
        "trade_type": "JSAPI",
        "bank_type": "OTHERS",
        "success_time": local(order.paid_at),
        "payer": {"openid": order.payer},
        "amount": {"total": order.total, "payer_total": order.total, "currency": "CNY", "payer_currency": "CNY"},
    }


def refund_view(order: PayOrder, refund: Refund) -> dict[str, Any]:
    """Return what an answer says of a refund."""
    state = "ABNORMAL" if refund.failed else "SUCCESS" if refund.done_at else "PROCESSING"
    return {
        "refund_id": refund.provider_number,
        "out_refund_no": refund.number,
        "transaction_id": order.transaction_id,
        "out_trade_no": order.number,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": local(refund.asked_at),
        "status": state,
        "amount": {"total": order.total, "refund": refund.amount, "payer_refund": refund.amount, "currency": "CNY"},
        **({"success_time": local(refund.done_at)} if refund.done_at else {}),
    }


def refund_told(order: PayOrder, refund: Refund, keys: WechatPayKeys) -> dict[str, Any]:
    """Return what a callback says of a refund; its fields differ a little."""
    view = refund_view(order, refund)
    view["refund_status"] = view.pop("status")
    view["amount"] = {"total": order.total, "refund": refund.amount, "payer_refund": refund.amount}
    return {"mchid": keys.mchid, **view}


def local(at: datetime) -> str:
    """Return an instant as WeChat Pay writes it."""
    return at.astimezone(_ZONE).isoformat(timespec="seconds")
