"""Alipay (mobile web pay) behind the port of online providers."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl

from gridhall.billing.payments.alipay.client import NAME, AlipayClient
from gridhall.billing.payments.alipay.merchant import NotSignedError
from gridhall.billing.payments.alipay.statement import read_statement, unpacked
from gridhall.billing.payments.alipay.trades import instant, read_notice, read_refund, read_trade
from gridhall.billing.payments.answers import ZONE, Body, NotOursError, is_closed, require_statement, told_of
from gridhall.billing.payments.port import (
    ForgedCallbackError,
    Order,
    Placed,
    RefundOrder,
    RefundTold,
    StatementLine,
    Trade,
    TradeState,
)
from gridhall.kit.clock import Clock
from gridhall.kit.money import yuan

_NO_TRADE: Final = "ACQ.TRADE_NOT_EXIST"
_NO_BILL: Final = frozenset({"isp.bill_not_exist", "BILL_NOT_EXIST"})
_MOST_FIELDS: Final = 100


class Alipay:
    """The provider. notify_url: where Alipay tells us; return_url: where it sends the customer's browser afterwards."""

    name = NAME

    def __init__(self, *, client: AlipayClient, notify_url: str, return_url: str | None, clock: Clock) -> None:
        self._client = client
        self._notify_url = notify_url
        self._return_url = return_url
        self._clock = clock

    async def place(self, order: Order) -> Placed:
        """Return the signed address of the page; Alipay knows of the order once the customer opens it."""
        content: dict[str, Any] = {
            "out_trade_no": order.number,
            "total_amount": str(yuan(order.total)),
            "subject": order.description,
            "seller_id": self._client.merchant.seller_id,
            "product_code": "QUICK_WAP_WAY",
        }
        if order.expires_at is not None:
            content["time_expire"] = order.expires_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
        return Placed(
            pay_url=self._client.page(
                "alipay.trade.wap.pay", content, notify_url=self._notify_url, return_url=self._return_url
            )
        )

    async def query(self, number: str) -> Trade:
        """Ask where an order stands."""
        answer = await self._client.ask("query", "alipay.trade.query", {"out_trade_no": number}, expected=(_NO_TRADE,))
        if answer.code is not None:
            return Trade(number, TradeState.UNKNOWN)
        return told_of(number, answer, partial(read_trade, paid="send_pay_date"))

    async def close(self, number: str) -> bool:
        """Close an order; one that was never opened does not exist and ends by its own time."""
        close = self._client.ask("close", "alipay.trade.close", {"out_trade_no": number}, expected=(_NO_TRADE,))
        return await is_closed(self, number, close=close)

    async def refund(self, refund: RefundOrder) -> RefundTold:
        """Ask for a refund. Said again, the same number moves no more money; how it stands is asked then."""
        content = {
            "out_trade_no": refund.trade_number,
            "out_request_no": refund.number,
            "refund_amount": str(yuan(refund.amount)),
            "refund_reason": refund.reason,
        }
        answer = await self._client.ask("refund", "alipay.trade.refund", content)
        if answer.body.get("fund_change") != "Y":
            told = await self.query_refund(refund.number, trade_number=refund.trade_number)
            return told if told.state is not TradeState.UNKNOWN else RefundTold(refund.number, TradeState.WAITING)

        def read(body: Body) -> RefundTold:
            done = body.get("gmt_refund_pay")
            return RefundTold(
                number=refund.number,
                state=TradeState.REFUNDED,
                amount=refund.amount,
                provider_number=str(body.get("trade_no") or ""),
                done_at=instant(done) if done else self._clock.now(),
            )

        return told_of(refund.number, answer, read)

    async def query_refund(self, number: str, *, trade_number: str) -> RefundTold:
        """Ask where a refund of an order stands."""
        content = {"out_trade_no": trade_number, "out_request_no": number, "query_options": ["gmt_refund_pay"]}
        answer = await self._client.ask(
            "query_refund", "alipay.trade.fastpay.refund.query", content, expected=(_NO_TRADE,)
        )
        if answer.code is not None:
            return RefundTold(number, TradeState.UNKNOWN)
        return told_of(number, answer, partial(read_refund, number=number))

    async def statement(self, day: date) -> Sequence[StatementLine]:
        """Fetch and read the statement of a day; its address is good for thirty seconds."""
        require_statement(day, now=self._clock.now())
        answer = await self._client.ask(
            "statement",
            "alipay.data.dataservice.bill.downloadurl.query",
            {"bill_type": "trade", "bill_date": day.isoformat()},
            expected=_NO_BILL,
        )
        if answer.code is not None:
            return ()  # a day without a trade has none
        packed = await self._client.fetch(str(answer.body.get("bill_download_url")))
        return await asyncio.to_thread(lambda: read_statement(unpacked(packed)))

    async def read_callback(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Trade | RefundTold:  # noqa: ARG002 - Alipay signs no time: repetitions are old
        """Verify and read a notice, which is a form."""
        try:
            pairs = parse_qsl(
                body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=_MOST_FIELDS, errors="strict"
            )
            self._client.merchant.require_notice(dict(pairs))
            return read_notice(_once(pairs), merchant=self._client.merchant)
        except (NotSignedError, NotOursError) as error:
            raise ForgedCallbackError(str(error)) from None
        except ValueError:
            raise ForgedCallbackError("the body is no form") from None


def _once(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    if len(dict(pairs)) != len(pairs):
        raise NotOursError("a field is repeated")
    return dict(pairs)
