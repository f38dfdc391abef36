"""The payment stand-ins doing as they are told: losing, repeating, delaying, reordering and forging callbacks."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gridhall.kit.clock import SystemClock
from gridhall.kit.money import Fen
from gridhall.simulators.paying.deliveries import ALIPAY_PAUSES, WECHATPAY_PAUSES
from gridhall.simulators.paying.orders_to_fail import Forgery
from gridhall.simulators.paying.stand_in import Paying
from gridhall.simulators.paying.till import NotEnoughError, PayOrder, TakenError, Till
from tests.factories.paying import pay_keys

SCALE = 0.001


@dataclass(slots=True)
class Merchant:
    """Whoever is told: what came, and what it answers."""

    url: str = ""
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answer: str = "success"
    status: int = 200

    async def take(self, request: Request) -> Response:
        self.came.append((dict(request.headers), await request.body()))
        return PlainTextResponse(self.answer, self.status)

    async def until(self, count: int) -> None:
        for _ in range(500):
            if len(self.came) >= count:
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"only {len(self.came)} of {count} came")


@pytest.fixture
async def merchant() -> AsyncIterator[Merchant]:
    made = Merchant()
    listener = socket.create_server(("127.0.0.1", 0))
    made.url = f"http://127.0.0.1:{listener.getsockname()[1]}/told"
    app = Starlette(routes=[Route("/told", made.take, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    yield made
    server.should_exit = True
    await task


@dataclass(slots=True)
class Stand:
    """The stand-in in this process, reached as an app."""

    paying: Paying
    http: httpx.AsyncClient
    merchant: Merchant
    number: int = 0

    async def tell(self, **orders: object) -> dict[str, int]:
        answer = await self.http.post("/pay/control", json=orders)
        assert answer.is_success, answer.text
        return dict(answer.json()["callbacks"])

    async def told(self, **tally: int) -> None:
        """Wait until the stand-in has counted so many: it counts when the merchant has answered, who knows earlier."""
        for _ in range(500):
            if (counted := await self.tell()) == tally:
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"it counted {counted}")

    async def pay(self, provider: str = "alipay") -> str:
        """Let a customer pay a fresh order; return its number."""
        self.number += 1
        order = PayOrder(
            provider="wechatpay" if provider == "wechatpay" else "alipay",
            number=f"order-{self.number:04}",
            total=Fen(100),
            description="电费",
            notify_url=self.merchant.url,
            ordered_at=datetime.now(UTC),
        )
        till: Till = self.paying._till
        till.place(order)
        shown = till.prepay(order) if provider == "wechatpay" else order.number
        assert (await self.http.post(f"/pay/{provider}/{shown}/confirm")).json()["state"] == "paid"
        return order.number


@pytest.fixture
async def stand(merchant: Merchant) -> AsyncIterator[Stand]:
    paying = Paying(keys=pay_keys(), clock=SystemClock(), callback_scale=SCALE)
    transport = httpx.ASGITransport(app=Starlette(routes=paying.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://stand") as http:
        yield Stand(paying, http, merchant)
    await paying.deliveries.close()


async def test_a_callback_comes_once_and_is_known_as_taken(stand: Stand, merchant: Merchant) -> None:
    for provider, times in (("wechatpay", 1), ("alipay", 2)):
        await stand.pay(provider)
        await merchant.until(times)
    await stand.told(sent=2, taken=2)


async def test_a_merchant_that_does_not_say_success_is_told_again_and_again_and_then_given_up(
    stand: Stand, merchant: Merchant
) -> None:
    merchant.answer, merchant.status = "fail", 500
    stand.paying.deliveries._scale = 1e-7
    await stand.pay("wechatpay")
    await stand.pay("alipay")
    await merchant.until(len(WECHATPAY_PAUSES) + len(ALIPAY_PAUSES) + 2)
    attempts = 15 + 7 + 2
    await stand.told(sent=attempts, refused=attempts, given_up=2)
    assert timedelta(seconds=sum(WECHATPAY_PAUSES)) > timedelta(hours=24)
    assert timedelta(seconds=sum(ALIPAY_PAUSES)) > timedelta(hours=24)


async def test_it_loses_as_many_as_it_is_told(stand: Stand, merchant: Merchant) -> None:
    await stand.tell(lose=2)
    for _ in range(3):
        await stand.pay()
    await merchant.until(1)
    await stand.told(lost=2, sent=1, taken=1)
    assert b"order-0003" in merchant.came[0][1]


async def test_it_repeats_and_every_repetition_is_signed_anew(stand: Stand, merchant: Merchant) -> None:
    await stand.tell(repeat=2)
    await stand.pay("wechatpay")
    await merchant.until(3)
    assert len({headers["wechatpay-nonce"] for headers, _ in merchant.came}) == 3


async def test_it_reorders(stand: Stand, merchant: Merchant) -> None:
    await stand.tell(reorder=3)
    numbers = [await stand.pay() for _ in range(3)]
    await merchant.until(3)
    came = [next(number for number in numbers if number.encode() in body) for _, body in merchant.came]
    assert came == numbers[::-1]


async def test_it_forges_all_that_its_protocol_has_room_for(stand: Stand, merchant: Merchant) -> None:
    merchant.answer, merchant.status = "fail", 401
    await stand.tell(forge=[one.value for one in Forgery])
    await stand.pay("wechatpay")
    await merchant.until(len(Forgery) + 1)
    assert any(headers.get("wechatpay-signature", "").startswith("WECHATPAY/SIGNTEST/") for headers, _ in merchant.came)
    told = await stand.tell()
    assert (told["forged"], told["forged_taken"]) == (len(Forgery), 0)


async def test_what_it_does_not_know_is_refused_with_a_reason(stand: Stand) -> None:
    for orders in ({"forge": ["nonsense"]}, {"lose": -1}, {"statement": ["wrong"]}, {"unknown": 1}):
        answer = await stand.http.post("/pay/control", json=orders)
        assert (answer.status_code, bool(answer.json()["error"])) == (422, True)


async def test_requests_that_the_merchant_did_not_sign_are_refused(stand: Stand) -> None:
    for method, path in (("GET", "/v3/certificates"), ("POST", "/v3/pay/transactions/jsapi")):
        answer = await stand.http.request(method, path, headers={"Authorization": "WECHATPAY2-SHA256-RSA2048 a"})
        assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")
    answer = await stand.http.post("/gateway.do", data={"app_id": pay_keys().alipay.app_id, "sign": "eA=="})
    assert "isv.invalid-signature" in answer.text
    assert (await stand.http.get("/pay/alipay/nothing")).status_code == 404


def test_the_till_gives_back_no_more_than_came_and_takes_no_number_twice() -> None:
    till = Till(clock=SystemClock())
    order = PayOrder("alipay", "order-1", Fen(100), "电费", "http://x/", datetime.now(UTC))
    till.place(order)
    with pytest.raises(NotEnoughError):
        till.refund(order, number="r1", amount=Fen(1), notify_url=None)
    assert till.pay(order)
    assert not till.pay(order)
    first = till.refund(order, number="r1", amount=Fen(60), notify_url=None)
    assert till.refund(order, number="r1", amount=Fen(60), notify_url=None) is first
    with pytest.raises(TakenError):
        till.refund(order, number="r1", amount=Fen(50), notify_url=None)
    with pytest.raises(NotEnoughError):
        till.refund(order, number="r2", amount=Fen(41), notify_url=None)
    with pytest.raises(TakenError):
        till.place(PayOrder("alipay", "order-1", Fen(99), "电费", "http://x/", datetime.now(UTC)))
