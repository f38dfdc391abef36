"""The client of WeChat against the stand-in over HTTP, with the token in a real Redis."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from gridhall.crm.wechat.client import WeChatClient
from gridhall.crm.wechat.model import Outcome, WeChatRefusal, WeChatUnavailableError, WeChatUser
from gridhall.crm.wechat.tokens import AccessTokenStore
from gridhall.kit.redis import connect_redis
from gridhall.simulators.app import WECHAT_APPID, WECHAT_SECRET, Addresses, running

PHONE = "13800000001"
TEMPLATE = "DEMO_PAYMENT_RECEIVED"
SESSION, TOKEN, SEND = "/sns/jscode2session", "/cgi-bin/stable_token", "/cgi-bin/message/subscribe/send"
DATA = {"character_string1": "330****001", "amount2": "¥1.00", "date3": "2026年11月3日", "amount4": "¥0.00"}


def a_client(url: str, redis_uri: str, *, timeout_seconds: float = 2, appid: str = WECHAT_APPID) -> WeChatClient:
    tokens = AccessTokenStore(redis=connect_redis(redis_uri), appid=appid, fetch_seconds=3)
    return WeChatClient(url=url, appid=appid, secret=WECHAT_SECRET, timeout_seconds=timeout_seconds, tokens=tokens)


@dataclass(slots=True)
class WeChatWorld:
    """WeChat, as a test tells it what happens."""

    url: str
    redis_uri: str
    client: WeChatClient
    http: httpx.AsyncClient

    async def tell(self, path: str, **body: object) -> dict[str, Any]:
        answer = await self.http.post(f"{self.url}/{path}", json=body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def order(self, **orders: object) -> Counter[str]:
        """Order trouble; return the calls that WeChat got so far, by path."""
        return Counter((await self.tell("control", **orders))["calls"])

    async def openid(self, phone: str = PHONE) -> str:
        return str((await self.tell("demo/login", phone=phone))["openid"])

    async def send(self, openid: str, *, client: WeChatClient | None = None, **changes: Any) -> Any:  # noqa: ANN401 - any field, any answer
        message = {"template_id": TEMPLATE, "page": "p", "data": DATA, **changes}
        return await (client or self.client).send(openid=openid, **message)


@pytest.fixture(scope="module")
async def stands() -> AsyncIterator[Addresses]:
    async with running(sms_access_key_id="k", sms_access_key_secret="s") as addresses:
        yield addresses


@pytest.fixture
async def wechat(redis_uri: str, stands: Addresses) -> AsyncIterator[WeChatWorld]:
    redis = connect_redis(redis_uri)
    for key in await redis.keys("gridhall:wechat:*"):
        await redis.delete(key)
    await redis.aclose()
    async with httpx.AsyncClient() as http:
        client = a_client(stands.wechat_url, redis_uri)
        world = WeChatWorld(stands.wechat_url, redis_uri, client, http)
        await world.order()
        yield world
        await client.close()


class TestLoginCodes:
    async def test_a_code_names_the_user_once(self, wechat: WeChatWorld) -> None:
        given = await wechat.tell("demo/login", phone=PHONE)
        user = await wechat.client.user_of(given["js_code"])
        assert isinstance(user, WeChatUser)
        assert user.openid == given["openid"]
        assert await wechat.client.user_of(given["js_code"]) == WeChatRefusal(Outcome.CODE_USED, 40163)

    async def test_the_session_key_is_not_kept(self, wechat: WeChatWorld) -> None:
        given = await wechat.tell("demo/login", phone=PHONE)
        assert "session" not in repr(await wechat.client.user_of(given["js_code"]))

    async def test_an_invented_code_is_bad(self, wechat: WeChatWorld) -> None:
        assert await wechat.client.user_of("nonsense") == WeChatRefusal(Outcome.BAD_CODE, 40029)

    async def test_a_phone_code_shows_the_number_once(self, wechat: WeChatWorld) -> None:
        code = (await wechat.tell("demo/phone", phone=PHONE))["code"]
        assert await wechat.client.phone_of(code) == f"+86{PHONE}"
        assert await wechat.client.phone_of(code) == WeChatRefusal(Outcome.CODE_USED, 40163)


class TestTheToken:
    async def test_twenty_callers_of_two_clients_fetch_it_once(self, wechat: WeChatWorld) -> None:
        other = a_client(wechat.url, wechat.redis_uri)
        openid = await wechat.openid()
        before = await wechat.order(call=TOKEN, delay_seconds=0.2)
        answers = await asyncio.gather(
            *(wechat.send(openid, client=client) for client in (wechat.client, other) for _ in range(10))
        )
        await other.close()
        assert {answer.outcome for answer in answers} == {Outcome.NO_CONSENT}
        assert (await wechat.order() - before) == {TOKEN: 1, SEND: 20}

    async def test_it_is_kept_until_shortly_before_its_end_and_whole(self, wechat: WeChatWorld) -> None:
        await wechat.send(await wechat.openid())
        redis = connect_redis(wechat.redis_uri)
        (key,) = await redis.keys("gridhall:wechat:*")
        seconds, token = await redis.ttl(key), await redis.get(key)
        await redis.aclose()
        assert 6900 < seconds <= 7200 - 240
        assert len(token) >= 512

    async def test_an_ended_token_is_replaced_once_however_many_find_it_ended(self, wechat: WeChatWorld) -> None:
        openid = await wechat.openid()
        await wechat.send(openid)
        before = await wechat.order(expire_tokens=True)
        answers = await asyncio.gather(*(wechat.send(openid) for _ in range(10)))
        assert {answer.outcome for answer in answers} == {Outcome.NO_CONSENT}
        assert (await wechat.order() - before)[TOKEN] == 1

    @pytest.mark.parametrize("errcode", [40001, 42001])
    async def test_a_refused_token_is_tried_with_another_once(self, wechat: WeChatWorld, errcode: int) -> None:
        openid = await wechat.openid()
        await wechat.order(call=SEND, errcode=errcode)
        assert (await wechat.send(openid)).outcome is Outcome.NO_CONSENT
        before = await wechat.order(call=SEND, errcode=errcode, times=9)
        assert (await wechat.send(openid)).outcome is Outcome.TOKEN_ENDED
        assert (await wechat.order() - before)[SEND] == 2

    async def test_a_lock_whose_holder_died_is_waited_out(self, wechat: WeChatWorld) -> None:
        redis = connect_redis(wechat.redis_uri)
        await redis.set(f"gridhall:wechat:{WECHAT_APPID}:access-token:lock", "dead", px=300)
        await redis.aclose()
        assert (await wechat.send(await wechat.openid())).outcome is Outcome.NO_CONSENT

    async def test_without_redis_there_is_no_token_but_login_codes_work(self, wechat: WeChatWorld) -> None:
        lonely = a_client(wechat.url, "redis://127.0.0.1:1/0")
        with pytest.raises(WeChatUnavailableError, match="redis"):
            await wechat.send(await wechat.openid(), client=lonely)
        given = await wechat.tell("demo/login", phone=PHONE)
        assert isinstance(await lonely.user_of(given["js_code"]), WeChatUser)
        await lonely.close()

    async def test_a_wrong_secret_gets_none(self, wechat: WeChatWorld) -> None:
        stranger = a_client(wechat.url, wechat.redis_uri, appid="wx-other")
        with pytest.raises(WeChatUnavailableError, match="no-token-40013"):
            await wechat.send(await wechat.openid(), client=stranger)
        await stranger.close()


class TestSubscribeMessages:
    async def test_one_consent_is_one_message(self, wechat: WeChatWorld) -> None:
        openid = await wechat.openid()
        await wechat.tell("demo/allow", phone=PHONE, template_id=TEMPLATE)
        assert isinstance(await wechat.send(openid), str)
        assert await wechat.send(openid) == WeChatRefusal(Outcome.NO_CONSENT, 43101)

    @pytest.mark.parametrize(
        ("changes", "outcome"),
        [
            ({"template_id": "NO_SUCH"}, Outcome.BAD_TEMPLATE),
            ({"data": {**DATA, "amount2": "much"}}, Outcome.BAD_FIELD),
            ({"data": {}}, Outcome.BAD_FIELD),
        ],
    )
    async def test_what_is_wrong_with_a_message(
        self, wechat: WeChatWorld, changes: dict[str, Any], outcome: Outcome
    ) -> None:
        assert (await wechat.send(await wechat.openid(), **changes)).outcome is outcome

    async def test_an_openid_of_nobody(self, wechat: WeChatWorld) -> None:
        assert (await wechat.send("o-nobody")).outcome is Outcome.BAD_OPENID

    async def test_the_quota_of_the_day_ends(self, wechat: WeChatWorld) -> None:
        openid = await wechat.openid("13800000002")
        await wechat.tell("demo/allow", phone="13800000002", template_id=TEMPLATE)
        await wechat.order(quota=0)
        assert (await wechat.send(openid)).outcome is Outcome.QUOTA

    @pytest.mark.parametrize(
        ("errcode", "outcome"), [(45011, Outcome.TOO_OFTEN), (40226, Outcome.BLOCKED), (48001, Outcome.REFUSED)]
    )
    async def test_other_refusals(self, wechat: WeChatWorld, errcode: int, outcome: Outcome) -> None:
        await wechat.order(call=SESSION, errcode=errcode)
        assert await wechat.client.user_of("any") == WeChatRefusal(outcome, errcode)


class TestTrouble:
    async def test_a_busy_wechat_is_asked_twice(self, wechat: WeChatWorld) -> None:
        given = await wechat.tell("demo/login", phone=PHONE)
        await wechat.order(errcode=-1)
        assert isinstance(await wechat.client.user_of(given["js_code"]), WeChatUser)
        await wechat.order(errcode=-1, times=2)
        assert await wechat.client.user_of("any") == WeChatRefusal(Outcome.BUSY, -1)

    async def test_no_answer_in_time_is_in_doubt_and_not_repeated(self, wechat: WeChatWorld) -> None:
        before = await wechat.order()
        hasty = a_client(wechat.url, wechat.redis_uri, timeout_seconds=0.3)
        given = await wechat.tell("demo/login", phone=PHONE)
        await wechat.order(call=SESSION, delay_seconds=1)
        with pytest.raises(WeChatUnavailableError, match="timeout") as caught:
            await hasty.user_of(given["js_code"])
        await hasty.close()
        assert caught.value.in_doubt
        assert (await wechat.order() - before) == {SESSION: 1}

    async def test_an_answer_that_is_not_wechats_is_in_doubt(self, wechat: WeChatWorld) -> None:
        await wechat.order(status=502)
        with pytest.raises(WeChatUnavailableError, match="http-502") as caught:
            await wechat.client.user_of("any")
        assert caught.value.in_doubt

    async def test_a_wechat_that_is_not_there_did_certainly_nothing(self, wechat: WeChatWorld) -> None:
        nowhere = a_client("http://127.0.0.1:1", wechat.redis_uri)
        with pytest.raises(WeChatUnavailableError, match="no-connection") as caught:
            await nowhere.user_of("any")
        await nowhere.close()
        assert not caught.value.in_doubt

    async def test_an_error_names_no_secret(self, wechat: WeChatWorld) -> None:
        nowhere = a_client("http://127.0.0.1:1", wechat.redis_uri)
        with pytest.raises(WeChatUnavailableError) as caught:
            await nowhere.user_of("any")
        await nowhere.close()
        assert WECHAT_SECRET not in f"{caught.value!r}"
        assert caught.value.__cause__ is None
