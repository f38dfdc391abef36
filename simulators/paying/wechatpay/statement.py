"""The daily statement of WeChat Pay (交易账单, ALL), as it is told to be."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from gridhall.kit.money import fen_of, yuan
from gridhall.simulators.paying.keys import WechatPayKeys
from gridhall.simulators.paying.till import PayOrder, Refund

_ZONE = ZoneInfo("Asia/Shanghai")
_COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
_SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"


def statement(orders: Iterable[PayOrder], *, day: date, keys: WechatPayKeys, wrong: Collection[str]) -> str | None:
    """Return the statement of a local day; None where nothing happened. wrong: how it is to disagree."""
    lines = [line for order in orders for line in _lines(order, day=day, keys=keys)]
    if "missing" in wrong:
        lines = lines[1:]
    if "amount" in wrong and lines:
        lines[-1] = {**lines[-1], "订单金额": str(yuan(fen_of(lines[-1]["订单金额"]) + 1))}
    if "extra" in wrong and lines:
        lines.append({**lines[-1], "商户订单号": "0" * 32, "微信订单号": "9" * 28})
    if not lines:
        return None
    paid = sum(fen_of(line["订单金额"]) for line in lines)
    back = sum(fen_of(line["申请退款金额"]) for line in lines)
    sums = (len(lines), yuan(paid), yuan(back), yuan(0), "0.00000", yuan(paid), yuan(back))
    rows = [_COLUMNS, *(_row(line) for line in lines), _SUMS, ",".join(f"`{value}" for value in sums)]
    if "cut" in wrong:
        del rows[1]
    return "\ufeff" + "\r\n".join(rows) + "\r\n"


def _row(line: dict[str, str]) -> str:
    return ",".join(f"`{text}" for text in line.values())


def _lines(order: PayOrder, *, day: date, keys: WechatPayKeys) -> Iterable[dict[str, str]]:
    if order.paid_at and _is_on(order.paid_at, day):
        yield _line(order, order.paid_at, keys)
    for refund in order.refunds.values():
        if _is_on(refund.asked_at, day):
            yield _line(order, refund.asked_at, keys, refund)


def _is_on(at: datetime, day: date) -> bool:
    return at.astimezone(_ZONE).date() == day


def _line(order: PayOrder, at: datetime, keys: WechatPayKeys, refund: Refund | None = None) -> dict[str, str]:
    nothing = str(yuan(0))
    paid, back = (nothing, str(yuan(refund.amount))) if refund else (str(yuan(order.total)), nothing)
    state = "" if refund is None else "FAIL" if refund.failed else "SUCCESS" if refund.done_at else "PROCESSING"
    values = (
        *(at.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M:%S"), keys.appid, keys.mchid, "0", ""),
        *(
            order.transaction_id or "",
            order.number,
            order.payer or "",
            "JSAPI",
            "REFUND" if refund else "SUCCESS",
            "OTHERS",
            "CNY",
        ),
        *(paid, nothing, refund.provider_number if refund else "0", refund.number if refund else "0", back, nothing),
        *("ORIGINAL" if refund else "", state, order.description, "", "0.00000", "0.60%", paid, back, ""),
    )
    return dict(zip(_COLUMNS.split(","), values, strict=True))
