"""Order, confirm, callback: over real sockets, with a merchant that sometimes refuses to listen."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gridhall.kit.clock import SystemClock
from gridhall.simulators.app import Addresses, _serving, running
from gridhall.simulators.signatures import is_pay_signature, pay_headers

SECRET = "pay-secret"


class Merchant:
    """Answers callbacks with the given statuses, the last one again and again, and keeps what it was told."""

    def __init__(self, statuses: Sequence[int]) -> None:
        self.statuses = list(statuses)
        self.told: list[dict[str, object]] = []
        self.signed: list[bool] = []
        self.heard = asyncio.Event()

    async def callback(self, request: Request) -> Response:
        body = await request.body()
        self.told.append(json.loads(body))
        self.signed.append(is_pay_signature(secret=SECRET, body=body, headers=request.headers, now=SystemClock().now()))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status == 200:
            self.heard.set()
        return Response(status_code=status)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        app = Starlette(routes=[Route("/paid", self.callback, methods=["POST"])])
        async with _serving(app, host="127.0.0.1", port=0) as port:
            yield f"http://127.0.0.1:{port}/paid"


@pytest.fixture
async def gateway() -> AsyncIterator[Addresses]:
    async with running(
        pay_secret=SECRET,
        sms_access_key_id="k",
        sms_access_key_secret="s",
        callback_pauses_seconds=(0.01, 0.02),
    ) as stands:
        yield stands


async def order(
    gateway: Addresses,
    *,
    total: int = 36492,
    secret: str = SECRET,
    notify_url: str = "http://127.0.0.1:1/",
    **more: str,
) -> httpx.Response:
    body = json.dumps(
        {
            "out_trade_no": "P202610-0001",
            "total_fen": total,
            "description": "2026-10 电费",
            "notify_url": notify_url,
            **more,
        }
    ).encode()
    async with httpx.AsyncClient() as client:
        headers = pay_headers(secret=secret, body=body, now=SystemClock().now())
        return await client.post(f"{gateway.pay_url}/orders", content=body, headers=headers)


async def get(gateway: Addresses, path: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(gateway.url + path)


async def confirm(gateway: Addresses, number: str = "P202610-0001", *, accept: str = "*/*") -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(f"{gateway.pay_url}/orders/{number}/confirm", headers={"Accept": accept})


class TestOrdering:
    async def test_the_identical_order_again_is_the_same_order(self, gateway: Addresses) -> None:
        first, again = await order(gateway), await order(gateway)
        assert (first.status_code, first.json()) == (200, {"pay_url": f"{gateway.pay_url}/confirm/P202610-0001"})
        assert again.json() == first.json()

    async def test_another_amount_under_the_same_number_is_a_conflict(self, gateway: Addresses) -> None:
        await order(gateway)
        assert (await order(gateway, total=1)).status_code == 409

    async def test_a_wrong_secret_orders_nothing(self, gateway: Addresses) -> None:
        assert (await order(gateway, secret="guess")).status_code == 401
        assert (await get(gateway, "/pay/orders/P202610-0001")).status_code == 404

    async def test_a_bad_field_is_named(self, gateway: Addresses) -> None:
        answer = await order(gateway, total=0)
        assert (answer.status_code, answer.json()["error"][:10]) == (422, "total_fen:")


class TestPaying:
    async def test_a_payment_is_called_back_signed_until_the_merchant_listens(self, gateway: Addresses) -> None:
        merchant = Merchant([500, 503, 200])
        async with merchant.listening() as url:
            await order(gateway, notify_url=url)
            paid = (await confirm(gateway)).json()
            await asyncio.wait_for(merchant.heard.wait(), 5)
        keys = ("out_trade_no", "transaction_id", "total_fen", "paid_at")
        assert merchant.told == [{key: paid[key] for key in keys}] * 3
        assert merchant.signed == [True] * 3

    async def test_confirming_twice_pays_and_tells_once(self, gateway: Addresses) -> None:
        merchant = Merchant([200])
        async with merchant.listening() as url:
            await order(gateway, notify_url=url)
            first = (await confirm(gateway)).json()
            await asyncio.wait_for(merchant.heard.wait(), 5)
            again = (await confirm(gateway)).json()
            await asyncio.sleep(0.05)
        assert again["transaction_id"] == first["transaction_id"]
        assert len(merchant.told) == 1

    async def test_the_state_tells_open_from_paid(self, gateway: Addresses) -> None:
        await order(gateway)
        assert (await get(gateway, "/pay/orders/P202610-0001")).json()["state"] == "open"
        await confirm(gateway)
        assert (await get(gateway, "/pay/orders/P202610-0001")).json()["state"] == "paid"

    async def test_nothing_can_be_paid_that_was_not_ordered(self, gateway: Addresses) -> None:
        assert (await confirm(gateway, "P000000-0000")).status_code == 404


class TestThePage:
    async def test_a_person_sees_the_amount_then_that_it_is_paid(self, gateway: Addresses) -> None:
        await order(gateway)
        before = (await get(gateway, "/pay/confirm/P202610-0001")).text
        sent_on = await confirm(gateway, accept="text/html")
        after = (await get(gateway, "/pay/confirm/P202610-0001")).text
        assert "364.92" in before
        assert "确认支付" in before
        assert (sent_on.status_code, sent_on.headers["location"]) == (303, "/pay/confirm/P202610-0001")
        assert "支付成功" in after

    async def test_a_description_is_never_markup(self, gateway: Addresses) -> None:
        await order(gateway, description="<script>alert(1)</script>")
        assert "<script" not in (await get(gateway, "/pay/confirm/P202610-0001")).text

    async def test_an_unknown_order_is_said_so_on_a_page(self, gateway: Addresses) -> None:
        answer = await get(gateway, "/pay/confirm/P000000-0000")
        assert (answer.status_code, "没有这个订单" in answer.text) == (404, True)
