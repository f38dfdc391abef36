"""WeChat Pay v3 (JSAPI) behind the port of online providers."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from gridhall.billing.payments.answers import (
    ZONE,
    Answer,
    NotOursError,
    is_closed,
    require_statement,
    told_of,
)
from gridhall.billing.payments.port import (
    ForgedCallbackError,
    Order,
    Placed,
    ProviderRefusedError,
    ProviderUnavailableError,
    RefundOrder,
    RefundTold,
    StatementLine,
    StatementNotReadyError,
    Trade,
    TradeState,
)
from gridhall.billing.payments.wechatpay.client import NAME, WechatPayClient
from gridhall.billing.payments.wechatpay.sealed import SealedWronglyError, opened
from gridhall.billing.payments.wechatpay.signed import NotSignedError
from gridhall.billing.payments.wechatpay.statement import read_statement, unpacked
from gridhall.billing.payments.wechatpay.trades import read_refund, read_trade
from gridhall.kit.clock import Clock

_LONGEST_DESCRIPTION: Final = 127
_LONGEST_REASON: Final = 80
_TRADES: Final = "/v3/pay/transactions"
_REFUNDS: Final = "/v3/refund/domestic/refunds"


class WechatPay:
    """The provider. notify_url, refund_notify_url: where WeChat Pay tells us of payments and of refunds."""

    name = NAME

    def __init__(self, *, client: WechatPayClient, notify_url: str, refund_notify_url: str, clock: Clock) -> None:
        self._client = client
        self._merchant = client.merchant
        self._notify_url = notify_url
        self._refund_notify_url = refund_notify_url
        self._clock = clock

    async def place(self, order: Order) -> Placed:
        """Place an order; the identical one again gets a fresh prepay_id, which lives two hours."""
        if order.payer is None:
            raise ProviderRefusedError("NO_OPENID")
        body: dict[str, Any] = {
            "appid": self._merchant.appid,
            "mchid": self._merchant.mchid,
            "description": order.description[:_LONGEST_DESCRIPTION],
            "out_trade_no": order.number,
            "notify_url": self._notify_url,
            "amount": {"total": order.total, "currency": "CNY"},
            "payer": {"openid": order.payer},
        }
        if order.expires_at is not None:
            body["time_expire"] = order.expires_at.astimezone(ZONE).isoformat(timespec="seconds")
        answer = await self._client.ask("place", "POST", f"{_TRADES}/jsapi", body)
        prepay_id = answer.body.get("prepay_id")
        if not isinstance(prepay_id, str):
            raise ProviderUnavailableError("unreadable answer")
        return Placed(client=self._merchant.client_parameters(prepay_id, now=self._clock.now()))

    async def query(self, number: str) -> Trade:
        """Ask where an order stands."""
        target = f"{_TRADES}/out-trade-no/{quote(number, safe='')}?{urlencode({'mchid': self._merchant.mchid})}"
        answer = await self._client.ask("query", "GET", target, expected=("ORDER_NOT_EXIST", "ORDERNOTEXIST"))
        if answer.code is not None:
            return Trade(number, TradeState.UNKNOWN)
        return told_of(number, answer, partial(read_trade, merchant=self._merchant))

    async def close(self, number: str) -> bool:
        """Close an order."""
        target = f"{_TRADES}/out-trade-no/{quote(number, safe='')}/close"
        close = self._client.ask("close", "POST", target, {"mchid": self._merchant.mchid})
        return await is_closed(self, number, close=close)

    async def refund(self, refund: RefundOrder) -> RefundTold:
        """Ask for a refund. After a silence the same is asked again under the same number, never a new one."""
        body = {
            "out_trade_no": refund.trade_number,
            "out_refund_no": refund.number,
            "reason": refund.reason[:_LONGEST_REASON],
            "notify_url": self._refund_notify_url,
            "amount": {"refund": refund.amount, "total": refund.total, "currency": "CNY"},
        }
        answer = await self._client.ask("refund", "POST", _REFUNDS, body)
        return _told(refund.number, answer)

    async def query_refund(self, number: str, *, trade_number: str) -> RefundTold:
        """Ask where a refund stands; its number alone names it here."""
        target = f"{_REFUNDS}/{quote(number, safe='')}"
        answer = await self._client.ask("query_refund", "GET", target, expected=("RESOURCE_NOT_EXISTS",))
        if answer.code is not None:
            return RefundTold(number, TradeState.UNKNOWN)
        if answer.body.get("out_trade_no", trade_number) != trade_number:
            raise ProviderUnavailableError("the answer is about another order")
        return _told(number, answer)

    async def statement(self, day: date) -> Sequence[StatementLine]:
        """Fetch and read the statement of a day; the hash is of what is inside the gzip."""
        require_statement(day, now=self._clock.now())
        query = urlencode({"bill_date": day.isoformat(), "bill_type": "ALL", "tar_type": "GZIP"})
        answer = await self._client.ask(
            "statement", "GET", f"/v3/bill/tradebill?{query}", expected=("NO_STATEMENT_EXIST", "STATEMENT_CREATING")
        )
        if answer.code == "STATEMENT_CREATING":
            raise StatementNotReadyError
        if answer.code is not None:
            return ()  # a day without a trade has none
        if answer.body.get("hash_type") != "SHA1" or not isinstance(answer.body.get("download_url"), str):
            raise ProviderUnavailableError("unreadable answer")
        packed = await self._client.fetch(answer.body["download_url"])
        text = await asyncio.to_thread(unpacked, packed, sha1_hex=str(answer.body["hash_value"]))
        return await asyncio.to_thread(read_statement, text, mchid=self._merchant.mchid)

    async def read_callback(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Trade | RefundTold:
        """Verify and read a callback; `now` is the clock's, by which the five minutes are measured."""
        try:
            await self._client.verify(headers=headers, body=body, now=now)
            told = orjson.loads(body)
            if told["resource_type"] != "encrypt-resource":
                raise ForgedCallbackError("the resource is of another kind")
            resource = orjson.loads(opened(told["resource"], v3_key=self._merchant.v3_key))
            if str(told["event_type"]).startswith("REFUND."):
                return read_refund(resource, status="refund_status", merchant=self._merchant)
            return read_trade(resource, merchant=self._merchant)
        except (NotSignedError, SealedWronglyError, NotOursError) as error:
            raise ForgedCallbackError(str(error)) from None
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise ForgedCallbackError("the body is no callback") from None


def _told(number: str, answer: Answer) -> RefundTold:
    return told_of(number, answer, partial(read_refund, status="status"))
