"""WeChat Pay's API v3: real paths, fields, error codes, and signatures on both sides."""

import gzip
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha1
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gridhall.kit.money import Fen
from gridhall.simulators.paying.at_hand import AtHand
from gridhall.simulators.paying.deliveries import WECHATPAY_PAUSES, Delivery
from gridhall.simulators.paying.keys import WechatPayKeys
from gridhall.simulators.paying.till import NotEnoughError, PayOrder, Refund, TakenError
from gridhall.simulators.paying.wechatpay.notices import Notices
from gridhall.simulators.paying.wechatpay.signing import Certificate, Nonces, headers, is_merchant, sealed
from gridhall.simulators.paying.wechatpay.statement import statement
from gridhall.simulators.paying.wechatpay.views import local, refund_told, refund_view, trade_view

_URL_LIFE = timedelta(minutes=5)
_NUMBER = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
_TAKEN = frozenset({200, 204})
Body = Mapping[str, Any]


class WechatPayApi:
    """Answers the calls of one merchant, and tells it of payments and refunds."""

    def __init__(self, *, at_hand: AtHand, keys: WechatPayKeys) -> None:
        self._at_hand = at_hand
        self._keys = keys
        self._nonces = Nonces()
        self._certificates = [Certificate(keys.platform, now=at_hand.clock.now())]
        self._files: dict[str, tuple[bytes, datetime]] = {}
        self._notices = Notices(keys=keys, signer=self._signer, clock=at_hand.clock)

    def routes(self) -> list[Route]:
        """Return what is served, under /v3."""
        trades, refunds = "/v3/pay/transactions", "/v3/refund/domestic/refunds"
        return [
            self._route("/v3/certificates", "GET", self._list_certificates),
            self._route(f"{trades}/jsapi", "POST", self._place),
            self._route(f"{trades}/out-trade-no/{{number}}", "GET", self._query),
            self._route(f"{trades}/out-trade-no/{{number}}/close", "POST", self._close),
            self._route(refunds, "POST", self._refund),
            self._route(f"{refunds}/{{number}}", "GET", self._query_refund),
            self._route("/v3/bill/tradebill", "GET", self._statement),
            self._route("/v3/billdownload/file", "GET", self._download),
        ]

    def rotate(self) -> None:
        """Take a new certificate, which signs from now on; the old one stays listed."""
        key: RSAPrivateKey = generate_private_key(public_exponent=65537, key_size=2048)
        self._certificates.append(Certificate(key, now=self._at_hand.clock.now()))

    def tell_paid(self, order: PayOrder) -> None:
        """Begin to tell the merchant of a payment."""
        self._at_hand.deliveries.start(
            Delivery(
                make=lambda forgery: self._notices.message(
                    order.notify_url,
                    "TRANSACTION.SUCCESS",
                    {**trade_view(order, self._keys), "trade_state": "SUCCESS"},
                    forgery,
                ),
                is_taken=lambda answer: answer.status_code in _TAKEN,
                pauses=WECHATPAY_PAUSES,
                when_taken=lambda: setattr(order, "is_notified", True),
            )
        )

    def _tell_refund(self, order: PayOrder, refund: Refund) -> None:
        url, event = refund.notify_url, "REFUND.ABNORMAL" if refund.failed else "REFUND.SUCCESS"
        if url is not None:
            self._at_hand.deliveries.start(
                Delivery(
                    make=lambda forgery: self._notices.message(
                        url, event, refund_told(order, refund, self._keys), forgery
                    ),
                    is_taken=lambda answer: answer.status_code in _TAKEN,
                    pauses=WECHATPAY_PAUSES,
                )
            )

    def _signer(self) -> tuple[RSAPrivateKey, str]:
        if self._at_hand.trouble.orders.sign_with == "public_key":
            return self._keys.public, self._keys.public_id
        return self._certificates[-1].key, self._certificates[-1].serial

    def _route(self, path: str, method: str, answer: Callable[[Request, Body], Awaitable[Body | bytes]]) -> Route:
        async def call(request: Request) -> Response:
            ordered = await self._at_hand.trouble.of(path)
            if ordered is not None:
                return self._answer(
                    request, {"code": str(ordered.errcode), "message": "as ordered"}, ordered.status or 400
                )
            raw = await request.body()
            try:
                self._require_merchant(request, raw)
                return self._answer(request, await answer(request, orjson.loads(raw or b"{}")), 200)
            except _RefusedError as refused:
                return self._answer(request, {"code": refused.code, "message": refused.code}, refused.status)
            except (KeyError, TypeError, ValueError) as error:
                return self._answer(request, {"code": "PARAM_ERROR", "message": str(error)}, 400)

        return Route(path, call, methods=[method])

    def _answer(self, request: Request, body: Body | bytes, status: int) -> Response:
        if isinstance(body, bytes):
            return Response(body, media_type="application/octet-stream")
        content = orjson.dumps(body).decode() if body else ""
        wanted = request.headers.get("Wechatpay-Serial")
        key, serial = (self._keys.public, wanted) if wanted == self._keys.public_id else self._signer()
        signed = headers(key, serial, content, now=self._at_hand.clock.now())
        return Response(content, status if content else 204, signed, media_type="application/json")

    def _require_merchant(self, request: Request, body: bytes) -> None:
        query = request.scope["query_string"].decode()
        if not is_merchant(
            request.headers.get("Authorization", ""),
            mchid=self._keys.mchid,
            serial=self._keys.serial,
            key=self._keys.merchant,
            method=request.method,
            target=request.scope["raw_path"].decode() + (f"?{query}" if query else ""),
            body=body.decode(),
            nonces=self._nonces,
            now=self._at_hand.clock.now(),
        ):
            raise _RefusedError("SIGN_ERROR", 401)

    async def _list_certificates(self, _request: Request, _body: Body) -> Body:
        return {
            "data": [
                {
                    "serial_no": one.serial,
                    "effective_time": local(one.begins_at),
                    "expire_time": local(one.ends_at),
                    "encrypt_certificate": sealed(self._keys.v3_key, one.pem, about="certificate"),
                }
                for one in self._certificates
            ]
        }

    async def _place(self, _request: Request, body: Body) -> Body:
        if (body["appid"], body["mchid"]) != (self._keys.appid, self._keys.mchid):
            raise _RefusedError("APPID_MCHID_NOT_MATCH", 400)
        total, expires = body["amount"]["total"], body.get("time_expire")
        if type(total) is not int or total < 1 or body["amount"].get("currency", "CNY") != "CNY":
            raise ValueError("amount.total: a whole number of fen from 1 up")
        order = PayOrder(
            provider="wechatpay",
            number=_number(body["out_trade_no"]),
            total=Fen(total),
            description=str(body["description"]),
            notify_url=str(body["notify_url"]),
            ordered_at=self._at_hand.clock.now(),
            payer=str(body["payer"]["openid"]),
            expires_at=datetime.fromisoformat(expires) if expires else None,
        )
        try:
            order = self._at_hand.till.place(order)
        except TakenError:
            raise _RefusedError("OUT_TRADE_NO_USED", 403) from None
        known = self._at_hand.till.find("wechatpay", order.number)
        if known and known.paid_at:
            raise _RefusedError("ORDERPAID", 400)
        if known and known.closed_at:
            raise _RefusedError("ORDER_CLOSED", 400)
        return {"prepay_id": self._at_hand.till.prepay(order)}

    async def _query(self, request: Request, _body: Body) -> Body:
        return trade_view(self._order(request), self._keys)

    async def _close(self, request: Request, _body: Body) -> Body:
        order = self._order(request)
        if order.paid_at is not None:
            raise _RefusedError("ORDERPAID", 400)
        order.closed_at = order.closed_at or self._at_hand.clock.now()
        return {}

    async def _refund(self, _request: Request, body: Body) -> Body:
        order = self._at_hand.till.find("wechatpay", body["out_trade_no"])
        if order is None:
            raise _RefusedError("RESOURCE_NOT_EXISTS", 404)
        if body["amount"]["total"] != order.total:
            raise _RefusedError("INVALID_REQUEST", 400)
        amount, known = Fen(int(body["amount"]["refund"])), body["out_refund_no"] in order.refunds
        try:
            refund = self._at_hand.till.refund(
                order, number=_number(body["out_refund_no"]), amount=amount, notify_url=body.get("notify_url")
            )
        except TakenError:
            raise _RefusedError("INVALID_REQUEST", 400) from None
        except NotEnoughError:
            raise _RefusedError("NOT_ENOUGH", 403) from None
        answer = refund_view(order, refund)
        if not known and self._at_hand.trouble.orders.refunds != "waiting":
            refund.failed = self._at_hand.trouble.orders.refunds == "failed"
            refund.done_at = None if refund.failed else self._at_hand.clock.now()
            self._tell_refund(order, refund)
        return answer

    async def _query_refund(self, request: Request, _body: Body) -> Body:
        found = self._at_hand.till.find_refund("wechatpay", request.path_params["number"])
        if found is None:
            raise _RefusedError("RESOURCE_NOT_EXISTS", 404)
        return refund_view(*found)

    async def _statement(self, request: Request, _body: Body) -> Body:
        wrong = self._at_hand.trouble.orders.statement
        if "late" in wrong:
            raise _RefusedError("STATEMENT_CREATING", 400)
        day = date.fromisoformat(request.query_params["bill_date"])
        text = statement(self._at_hand.till.orders("wechatpay"), day=day, keys=self._keys, wrong=wrong)
        if text is None:
            raise _RefusedError("NO_STATEMENT_EXIST", 400)
        content, token = text.encode(), secrets.token_urlsafe(32)
        is_packed = request.query_params.get("tar_type") == "GZIP"
        self._files[token] = (gzip.compress(content) if is_packed else content, self._at_hand.clock.now() + _URL_LIFE)
        base = str(request.base_url).rstrip("/")
        return {
            "hash_type": "SHA1",
            "hash_value": sha1(content, usedforsecurity=False).hexdigest(),
            "download_url": f"{base}/v3/billdownload/file?token={token}",
        }

    async def _download(self, request: Request, _body: Body) -> bytes:
        content, ends_at = self._files.get(request.query_params.get("token", ""), (b"", self._at_hand.clock.now()))
        if self._at_hand.clock.now() >= ends_at:
            raise _RefusedError("NO_AUTH", 403)
        return content

    def _order(self, request: Request) -> PayOrder:
        order = self._at_hand.till.find("wechatpay", request.path_params["number"])
        if order is None:
            raise _RefusedError("ORDER_NOT_EXIST", 404)
        return order


def _number(value: object) -> str:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise ValueError("out_trade_no: 6 to 32 of 0-9 A-Z a-z _ - | *")
    return value


class _RefusedError(Exception):
    """WeChat Pay does not do this; `code` says why."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
