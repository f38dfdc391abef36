"""The WeChat channel against the stand-in, with a consent taken along and given back."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gridhall.crm.customers.model import Customer
from gridhall.kit.clock import SystemClock
from gridhall.kit.ids import new_id
from gridhall.kit.mongo import Mongo
from gridhall.kit.redis import connect_redis
from gridhall.notifications.channels.port import (
    OutgoingMessage,
    SendResult,
    SendState,
    SmsContent,
    WeChatContent,
    WrongContentError,
)
from gridhall.notifications.channels.wechat import WeChatChannel
from gridhall.notifications.sending.consent import send_with_consent
from gridhall.simulators.app import Addresses, running
from tests.factories.people import a_customer
from tests.factories.rooms import Rooms, open_rooms

PHONE = "13800000077"
KEY, TEMPLATE = "payment_received", "DEMO_PAYMENT_RECEIVED"
DATA = {"character_string1": "330****001", "amount2": "¥1.00", "date3": "2026年11月3日", "amount4": "¥0.00"}


@pytest.fixture(scope="module")
async def wechat() -> AsyncIterator[Addresses]:
    async with running(sms_access_key_id="k", sms_access_key_secret="s") as stands:
        yield stands


@pytest.fixture
async def wechat_rooms(mongo: Mongo, wechat: Addresses, redis_uri: str) -> AsyncIterator[Rooms]:
    redis = connect_redis(redis_uri)
    for key in await redis.keys("gridhall:wechat:*"):
        await redis.delete(key)
    await redis.aclose()
    rooms = await open_rooms(mongo, wechat_url=wechat.wechat_url, redis_uri=redis_uri, outside_timeout_seconds=1)
    yield rooms
    await tell(wechat, "control")
    await rooms.people.aclose()


async def tell(wechat: Addresses, path: str, **body: object) -> dict[str, Any]:
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{wechat.wechat_url}/{path}", json=body)
    told: dict[str, Any] = answer.json()
    return told


async def the_customer(wechat: Addresses) -> Customer:
    return a_customer(77, phone=PHONE, openid=(await tell(wechat, "demo/login", phone=PHONE))["openid"])


async def allow(wechat: Addresses, rooms: Rooms, customer: Customer, *, at_wechat: bool = True) -> None:
    """The user taps 允许一次, and the client reports it."""
    if at_wechat:
        await tell(wechat, "demo/allow", phone=PHONE, template_id=TEMPLATE)
    await rooms.people.consents.report(customer=customer, templates=[KEY], key=str(new_id()), now=SystemClock().now())


async def send(rooms: Rooms, customer: Customer, **changes: Any) -> SendResult:  # noqa: ANN401 - any field
    delivery_id = new_id()
    content = WeChatContent(**{"template_id": TEMPLATE, "page": "pages/p", "data": DATA, **changes})
    channel = WeChatChannel(rooms.people.wechat.client)
    message = OutgoingMessage(delivery_id, customer.openid or "", content)
    return await send_with_consent(
        consents=rooms.people.consents,
        customer_id=customer.id,
        template=KEY,
        delivery_id=delivery_id,
        attempt=lambda: channel.send(message),
        clock=SystemClock(),
    )


async def left(rooms: Rooms, customer: Customer) -> int:
    return {one.template: one.credits for one in await rooms.people.consents.of(customer.id)}[KEY]


class TestSent:
    async def test_it_shows_on_the_phone_and_uses_the_consent_up(self, wechat: Addresses, wechat_rooms: Rooms) -> None:
        customer = await the_customer(wechat)
        await allow(wechat, wechat_rooms, customer)
        result = await send(wechat_rooms, customer)
        assert (result.state, bool(result.provider_reference)) == (SendState.SENT, True)
        async with httpx.AsyncClient() as http:
            messages = (await http.get(f"{wechat.phone_url}/messages", params={"of": PHONE})).json()["messages"]
        assert (messages[0]["kind"], messages[0]["subject"]) == ("wechat", "缴费成功通知")
        assert messages[0]["facts"][1] == {"label": "缴费金额", "value": "¥1.00"}
        assert (await send(wechat_rooms, customer)).reason == "no-consent"


class TestNotSent:
    async def test_without_a_consent_wechat_is_not_even_asked(self, wechat: Addresses, wechat_rooms: Rooms) -> None:
        customer = await the_customer(wechat)
        await tell(wechat, "control", status=500, times=99)
        result = await send(wechat_rooms, customer)
        assert (result.state, result.reason) == (SendState.FAILED, "no-consent")

    async def test_wechats_no_empties_our_ledger(self, wechat: Addresses, wechat_rooms: Rooms) -> None:
        customer = await the_customer(wechat)
        for _ in range(3):
            await allow(wechat, wechat_rooms, customer, at_wechat=False)
        assert (await send(wechat_rooms, customer)).reason == "no-consent"
        assert await left(wechat_rooms, customer) == 0

    @pytest.mark.parametrize(
        ("order", "state", "reason"),
        [
            ({"errcode": 45009}, SendState.RETRY, "quota"),
            ({"errcode": -1, "times": 2}, SendState.RETRY, "busy"),
            ({"errcode": 40037}, SendState.FAILED, "bad-template"),
        ],
    )
    async def test_what_certainly_did_not_go_out_gives_the_consent_back(
        self, wechat: Addresses, wechat_rooms: Rooms, order: dict[str, int], state: SendState, reason: str
    ) -> None:
        customer = await the_customer(wechat)
        await allow(wechat, wechat_rooms, customer)
        await tell(wechat, "control", call="/cgi-bin/message/subscribe/send", **order)
        result = await send(wechat_rooms, customer)
        assert (result.state, result.reason) == (state, reason)
        assert await left(wechat_rooms, customer) == 1

    @pytest.mark.parametrize(("order", "reason"), [({"status": 502}, "http-502"), ({"delay_seconds": 1.5}, "timeout")])
    async def test_what_may_have_gone_out_is_unknown_and_keeps_the_consent(
        self, wechat: Addresses, wechat_rooms: Rooms, order: dict[str, float], reason: str
    ) -> None:
        customer = await the_customer(wechat)
        await allow(wechat, wechat_rooms, customer)
        await tell(wechat, "control", call="/cgi-bin/message/subscribe/send", **order)
        result = await send(wechat_rooms, customer)
        assert (result.state, result.reason) == (SendState.UNKNOWN, reason)
        assert await left(wechat_rooms, customer) == 0

    async def test_without_redis_it_is_tried_later(self, mongo: Mongo, wechat: Addresses) -> None:
        rooms = await open_rooms(mongo, wechat_url=wechat.wechat_url, redis_uri="redis://127.0.0.1:1/0")
        customer = await the_customer(wechat)
        await allow(wechat, rooms, customer)
        result = await send(rooms, customer)
        await rooms.people.aclose()
        assert (result.state, result.reason, await left(rooms, customer)) == (SendState.RETRY, "redis", 1)


async def test_a_text_message_is_a_mistake(wechat_rooms: Rooms) -> None:
    with pytest.raises(WrongContentError, match="wechat cannot carry SmsContent"):
        await WeChatChannel(wechat_rooms.people.wechat.client).send(
            OutgoingMessage(uuid4(), "o1", SmsContent("SMS_CODE_ASKED"))
        )
