"""Alipay's gateway: one address for every method, forms in, signed nodes out, and the page of mobile web pay."""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gridhall.kit.ids import new_id
from gridhall.kit.money import fen_of, yuan
from gridhall.simulators.pages import page
from gridhall.simulators.paying.alipay.notices import Notices
from gridhall.simulators.paying.alipay.signing import is_merchant, signature
from gridhall.simulators.paying.alipay.statement import statement
from gridhall.simulators.paying.alipay.views import ZONE, local, notice, refund_view, trade_view
from gridhall.simulators.paying.at_hand import AtHand
from gridhall.simulators.paying.deliveries import ALIPAY_PAUSES, Delivery
from gridhall.simulators.paying.keys import AlipayKeys
from gridhall.simulators.paying.till import NotEnoughError, PayOrder, Refund, TakenError

_URL_LIFE = timedelta(seconds=30)
Content = Mapping[str, Any]


class AlipayGateway:
    """Answers the calls of one application, and tells it of payments and refunds."""

    def __init__(self, *, at_hand: AtHand, keys: AlipayKeys) -> None:
        self._at_hand = at_hand
        self._keys = keys
        self._files: dict[str, tuple[bytes, datetime]] = {}
        self._notices = Notices(keys=keys)
        self._methods: dict[str, Callable[[Content, Request], Content]] = {
            "alipay.trade.query": self._query,
            "alipay.trade.close": self._close,
            "alipay.trade.refund": self._refund,
            "alipay.trade.fastpay.refund.query": self._query_refund,
            "alipay.data.dataservice.bill.downloadurl.query": self._statement,
        }

    def routes(self) -> list[Route]:
        """Return what is served."""
        return [
            Route("/gateway.do", self.call, methods=["POST"]),
            Route("/gateway.do", self.show, methods=["GET"]),
            Route("/alipay/downloadBillFile.resource", self.download, methods=["GET"]),
        ]

    async def call(self, request: Request) -> Response:
        """Answer a call of the merchant."""
        said = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        ordered = await self._at_hand.trouble.of("/gateway.do")
        method = said.get("method", "")
        if ordered is not None:
            if ordered.status is not None:
                return Response(status_code=ordered.status)
            return self._answer(method, _no(str(ordered.errcode)))
        if said.get("app_id") != self._keys.app_id or not is_merchant(self._keys.merchant, said):
            return self._answer(
                method, {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature"}
            )
        try:
            answer = self._methods[method](orjson.loads(said["biz_content"]), request)
            return self._answer(method, {"code": "10000", "msg": "Success", **answer})
        except _RefusedError as refused:
            return self._answer(method, _no(str(refused)))
        except (KeyError, ValueError):
            return self._answer(
                method, {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-parameter"}
            )

    async def show(self, request: Request) -> Response:
        """Take the order that a customer's browser brings, and show the page on which it is paid."""
        said = dict(request.query_params)
        if said.get("app_id") != self._keys.app_id or not is_merchant(self._keys.merchant, said):
            return page("pay_unknown.html", status=400)
        try:
            order = self._at_hand.till.place(self._order_of(said))
        except (KeyError, ValueError, TakenError):
            return page("pay_unknown.html", status=400)
        return RedirectResponse(f"/pay/alipay/{order.number}", status_code=303)

    async def download(self, request: Request) -> Response:
        """Give out a statement, for thirty seconds."""
        content, ends_at = self._files.get(request.query_params.get("fileId", ""), (b"", self._at_hand.clock.now()))
        if self._at_hand.clock.now() >= ends_at:
            return Response(status_code=403)
        return Response(content, media_type="application/zip")

    def tell_paid(self, order: PayOrder) -> None:
        """Begin to tell the merchant of a payment."""
        self._tell(order, refund=None, when_taken=lambda: setattr(order, "is_notified", True))

    def _tell(self, order: PayOrder, *, refund: Refund | None, when_taken: Callable[[], None]) -> None:
        notify_id = new_id().hex
        self._at_hand.deliveries.start(
            Delivery(
                make=lambda forgery: self._notices.message(
                    order.notify_url,
                    notice(order, self._keys, refund=refund, notify_id=notify_id, now=self._at_hand.clock.now()),
                    forgery,
                ),
                is_taken=lambda answer: answer.text == "success",
                pauses=ALIPAY_PAUSES,
                when_taken=when_taken,
            )
        )

    def _answer(self, method: str, node: Content) -> Response:
        # Compact, with slashes escaped as the real gateway writes them: a reader who parses and writes anew
        # verifies another text than was signed.
        text = json.dumps(node, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
        sign = signature(self._keys.gateway, text.encode())
        return Response(
            f'{{"{method.replace(".", "_")}_response":{text},"sign":"{sign}"}}', media_type="text/html;charset=utf-8"
        )

    def _order_of(self, said: Mapping[str, str]) -> PayOrder:
        if said.get("method") != "alipay.trade.wap.pay":
            raise ValueError("method: alipay.trade.wap.pay")
        content = orjson.loads(said["biz_content"])
        total = fen_of(content["total_amount"])
        if total < 1:
            raise ValueError("total_amount: above zero")
        expires = content.get("time_expire")
        return PayOrder(
            provider="alipay",
            number=str(content["out_trade_no"]),
            total=total,
            description=str(content["subject"]),
            notify_url=said["notify_url"],
            ordered_at=self._at_hand.clock.now(),
            expires_at=datetime.strptime(expires, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE) if expires else None,
        )

    def _query(self, content: Content, _request: Request) -> Content:
        return trade_view(self._order(content))

    def _close(self, content: Content, _request: Request) -> Content:
        order = self._order(content)
        if order.paid_at is not None:
            raise _RefusedError("ACQ.TRADE_STATUS_ERROR")
        order.closed_at = order.closed_at or self._at_hand.clock.now()
        return {"out_trade_no": order.number}

    def _refund(self, content: Content, _request: Request) -> Content:
        order = self._order(content)
        number = str(content["out_request_no"])
        is_new = number not in order.refunds
        try:
            refund = self._at_hand.till.refund(
                order, number=number, amount=fen_of(content["refund_amount"]), notify_url=order.notify_url
            )
        except TakenError:
            raise _RefusedError("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL") from None
        except NotEnoughError:
            raise _RefusedError("ACQ.REASON_TRADE_REFUND_FEE_ERR") from None
        if is_new and self._at_hand.trouble.orders.refunds == "done":
            refund.done_at = self._at_hand.clock.now()
            self._tell(order, refund=refund, when_taken=lambda: None)
        return {
            "trade_no": order.transaction_id,
            "out_trade_no": order.number,
            "fund_change": "Y" if is_new and refund.done_at else "N",
            "refund_fee": str(yuan(order.refunded)),
            **({"gmt_refund_pay": local(refund.done_at)} if is_new and refund.done_at else {}),
        }

    def _query_refund(self, content: Content, _request: Request) -> Content:
        order = self._order(content)
        refund = order.refunds.get(str(content["out_request_no"]))
        return refund_view(order, refund) if refund else {}

    def _statement(self, content: Content, request: Request) -> Content:
        wrong = self._at_hand.trouble.orders.statement
        made = statement(
            self._at_hand.till.orders("alipay"),
            day=date.fromisoformat(content["bill_date"]),
            keys=self._keys,
            wrong=wrong,
        )
        if made is None or "late" in wrong:
            raise _RefusedError("isp.bill_not_exist")
        token = secrets.token_urlsafe(32)
        self._files[token] = (made, self._at_hand.clock.now() + _URL_LIFE)
        base = str(request.base_url).rstrip("/")
        return {"bill_download_url": f"{base}/alipay/downloadBillFile.resource?fileId={token}"}

    def _order(self, content: Content) -> PayOrder:
        order = self._at_hand.till.find("alipay", str(content["out_trade_no"]))
        if order is None:
            raise _RefusedError("ACQ.TRADE_NOT_EXIST")
        return order


def _no(sub_code: str) -> Content:
    if sub_code.startswith("isv."):
        return {"code": "40002", "msg": "Invalid Arguments", "sub_code": sub_code}
    return {"code": "40004", "msg": "Business Failed", "sub_code": sub_code}


class _RefusedError(Exception):
    """Alipay does not do this; the text is its sub_code."""
