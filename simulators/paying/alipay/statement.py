"""The daily statement of Alipay: a zip with two CSVs in GBK, details and their summary, as it is told to be."""

import io
import zipfile
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime

from gridhall.kit.money import yuan
from gridhall.simulators.paying.alipay.views import ZONE, local
from gridhall.simulators.paying.keys import AlipayKeys
from gridhall.simulators.paying.till import PayOrder, Refund

_COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,"
    "券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
_AMOUNT = 11


def statement(orders: Iterable[PayOrder], *, day: date, keys: AlipayKeys, wrong: Collection[str]) -> bytes | None:
    """Return the zip of a local day; None where nothing happened. wrong: how it is to disagree."""
    lines = [line for order in orders for line in _lines(order, day=day)]
    if "missing" in wrong:
        lines = lines[1:]
    if "amount" in wrong and lines:
        lines[-1][_AMOUNT] = str(yuan(int(lines[-1][_AMOUNT].replace(".", "")) + 1))
    if "extra" in wrong and lines:
        lines.append(["9" * 28, "0" * 32, *lines[-1][2:]])
    if not lines:
        return None
    text = _details(lines, day=day, keys=keys, is_cut="cut" in wrong)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in (("业务明细(汇总)", "#支付宝业务汇总查询\r\n"), ("业务明细", text)):
            folder.writestr(_Named(f"{keys.seller_id}0156_{day:%Y%m%d}_{name}.csv"), content.encode("gbk"))
    return made.getvalue()


class _Named(zipfile.ZipInfo):
    """An entry whose name is in GBK without saying so, as the real file has it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the standard library's own hook
        return self.filename.encode("gbk"), self.flag_bits


def _details(lines: list[list[str]], *, day: date, keys: AlipayKeys, is_cut: bool) -> str:
    paid = sum(1 for line in lines if line[2] == "交易")
    shown = lines[1:] if is_cut else lines
    rows = [
        "#支付宝业务明细查询",
        f"#账号：[{keys.seller_id}0156]",
        f"#起始日期：[{day:%Y年%m月%d日} 00:00:00]   终止日期：[{day:%Y年%m月%d日} 23:59:59]",
        "#-----------------------------------------业务明细列表----------------------------------------",
        _COLUMNS,
        *(",".join(f"{field}\t" for field in line) for line in shown),
        "#-----------------------------------------业务明细列表结束------------------------------------",
        f"#交易合计：{paid}笔，商家实收共0.00元，商家优惠共0.00元",
        f"#退款合计：{len(lines) - paid}笔，商家实收退款共0.00元，商家优惠退款共0.00元",
    ]
    return "\r\n".join(rows) + "\r\n"


def _lines(order: PayOrder, *, day: date) -> Iterator[list[str]]:
    if order.paid_at and order.paid_at.astimezone(ZONE).date() == day:
        yield _line(order, order.paid_at)
    for refund in order.refunds.values():
        if refund.done_at and refund.done_at.astimezone(ZONE).date() == day:
            yield _line(order, refund.done_at, refund)


def _line(order: PayOrder, at: datetime, refund: Refund | None = None) -> list[str]:
    amount = str(yuan(-refund.amount if refund else order.total))
    nothing = str(yuan(0))
    description = order.description.replace(",", " ")
    return [
        *(order.transaction_id or "", order.number, "退款" if refund else "交易", description),
        *(local(order.ordered_at), local(at), "", "", "", "", "w***@example.com"),
        *(amount, amount, nothing, nothing, nothing, nothing, nothing, "", nothing, nothing),
        *(refund.number if refund else "", nothing, nothing, ""),
    ]
