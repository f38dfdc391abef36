"""Signing in by WeChat through the front door, with the stand-in of WeChat behind it."""

import time
from typing import Any

import httpx
import pytest

from gridhall.api.state import State
from gridhall.crm.wechat.push import signature
from gridhall.kit.settings import Settings
from gridhall.simulators.app import Addresses
from tests.factories.rooms import all_documents

PHONE = "13877770001"


@pytest.fixture
def settings(settings: Settings, stands: Addresses) -> Settings:
    return settings.model_copy(update={"wechat_url": stands.wechat_url})


async def tell(stands: Addresses, path: str, **body: object) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{stands.wechat_url}/{path}", json=body)
    told: dict[str, Any] = answer.json()
    return told


async def knock(http: httpx.AsyncClient, stands: Addresses, *, phone: str = PHONE) -> httpx.Response:
    code = (await tell(stands, "demo/login", phone=phone))["js_code"]
    return await http.post("/v1/sign-in/wechat", json={"code": code})


async def linked(
    http: httpx.AsyncClient, stands: Addresses, *, phone: str = PHONE, user: str = PHONE
) -> httpx.Response:
    ticket = (await knock(http, stands, phone=user)).json()["link_ticket"]
    code = (await tell(stands, "demo/phone", phone=phone))["code"]
    return await http.post("/v1/sign-in/wechat/link", json={"ticket": ticket, "phone_code": code})


async def ask(http: httpx.AsyncClient, tokens: httpx.Response, query: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {tokens.json()['access_token']}"}
    told: dict[str, Any] = (await http.post("/graphql", json={"query": query}, headers=headers)).json()
    return told


REPORT = """mutation {{ reportConsent(input: {{templates: [{0}], idempotencyKey: "{1}"}}) {{
    ... on ConsentReported {{ consents {{ template credits longTerm }} }} ... on Refused {{ code }} }} }}"""


class TestSigningIn:
    async def test_who_is_new_is_linked_by_wechats_number_and_known_from_then_on(
        self, http: httpx.AsyncClient, stands: Addresses, state: State
    ) -> None:
        first = await linked(http, stands)
        assert first.status_code == 200, first.text
        again = await knock(http, stands)
        assert again.status_code == 200
        seen = await ask(http, again, "{ viewer { phone wechat { linked consents { template credits } } } }")
        assert seen["data"]["viewer"]["phone"] == "138****0001"
        assert seen["data"]["viewer"]["wechat"]["linked"] is True
        assert await state.hall.people.customers.by_phone(PHONE) is not None

    async def test_a_code_of_ours_links_too(self, http: httpx.AsyncClient, stands: Addresses, state: State) -> None:
        ticket = (await knock(http, stands)).json()["link_ticket"]
        await http.post("/v1/sign-in/code", json={"phone": PHONE})
        (sent,) = await all_documents(state.mongo, "one_time_codes")
        code = await state.hall.people.codes.codes.load(sent["_id"])
        assert code is not None
        proof = {"ticket": ticket, "phone": PHONE, "code": code.digits}
        assert (await http.post("/v1/sign-in/wechat/link", json={**proof, "code": "000000"})).status_code == 422
        assert (await http.post("/v1/sign-in/wechat/link", json=proof)).status_code == 200
        assert (await knock(http, stands)).json()["access_token"]

    async def test_a_ticket_is_good_once(self, http: httpx.AsyncClient, stands: Addresses) -> None:
        ticket = (await knock(http, stands)).json()["link_ticket"]
        answers = []
        for _ in range(2):
            code = (await tell(stands, "demo/phone", phone=PHONE))["code"]
            answers.append(await http.post("/v1/sign-in/wechat/link", json={"ticket": ticket, "phone_code": code}))
        assert [answer.status_code for answer in answers] == [200, 422]
        assert answers[1].json()["code"] == "wechat.bad_ticket"

    async def test_a_login_code_is_good_once(self, http: httpx.AsyncClient, stands: Addresses) -> None:
        code = (await tell(stands, "demo/login", phone=PHONE))["js_code"]
        answers = [await http.post("/v1/sign-in/wechat", json={"code": code}) for _ in range(2)]
        assert (answers[1].status_code, answers[1].json()["code"]) == (422, "wechat.bad_code")

    async def test_another_wechat_user_with_the_phone_takes_the_place_of_the_first(
        self, http: httpx.AsyncClient, stands: Addresses
    ) -> None:
        first = await linked(http, stands)
        await ask(http, first, REPORT.format('"bill_issued"', "first-key"))
        second = await linked(http, stands, user="13877770009")
        seen = await ask(http, second, "{ viewer { phone wechat { consents { credits } } } }")
        assert seen["data"]["viewer"]["phone"] == "138****0001"
        assert {one["credits"] for one in seen["data"]["viewer"]["wechat"]["consents"]} == {0}
        assert "link_ticket" in (await knock(http, stands)).json()
        assert "access_token" in (await knock(http, stands, phone="13877770009")).json()

    @pytest.mark.parametrize(
        "proof", [{}, {"phone": PHONE}, {"code": "123456"}, {"phone_code": "x", "phone": PHONE, "code": "123456"}]
    )
    async def test_a_link_wants_exactly_one_proof(self, http: httpx.AsyncClient, proof: dict[str, str]) -> None:
        answer = await http.post("/v1/sign-in/wechat/link", json={"ticket": "t" * 40, **proof})
        assert answer.json()["code"] == "input.invalid"


class TestWhatIsKept:
    async def test_no_openid_and_no_session_key_is_readable_at_rest(
        self, http: httpx.AsyncClient, stands: Addresses, state: State
    ) -> None:
        openid = (await tell(stands, "demo/login", phone=PHONE))["openid"]
        await knock(http, stands)
        answer = await linked(http, stands)
        kept = ""
        for name in await state.mongo.database.list_collection_names():
            kept += repr(await all_documents(state.mongo, name))
        assert openid not in kept + answer.text
        assert "session" not in answer.text
        assert "c2Vzc2lvbi1rZXk" not in kept


class TestTrouble:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"redis_uri": "redis://127.0.0.1:1/0"})

    async def test_without_redis_linking_is_a_503_and_the_rest_goes_on(
        self, http: httpx.AsyncClient, stands: Addresses
    ) -> None:
        answer = await linked(http, stands)
        assert (answer.status_code, answer.json()["code"]) == (503, "wechat.unavailable")
        assert "Retry-After" in answer.headers
        assert (await http.post("/v1/sign-in/code", json={"phone": PHONE})).status_code == 202
        assert (await http.get("/health/ready")).status_code == 200

    async def test_wechats_refusals_are_problems(self, http: httpx.AsyncClient, stands: Addresses) -> None:
        expected = {
            45011: (429, "wechat.too_often"),
            40226: (403, "wechat.blocked"),
            40013: (503, "wechat.unavailable"),
        }
        for errcode, problem in expected.items():
            await tell(stands, "control", call="/sns/jscode2session", errcode=errcode)
            answer = await http.post("/v1/sign-in/wechat", json={"code": "any"})
            assert (answer.status_code, answer.json()["code"]) == problem


class TestReportingConsents:
    async def test_a_report_counts_once_a_key(self, http: httpx.AsyncClient, stands: Addresses) -> None:
        tokens = await linked(http, stands)
        for key in ("key-0001", "key-0001", "key-0002"):
            told = await ask(http, tokens, REPORT.format('"bill_issued"', key))
        consents = {one["template"]: one["credits"] for one in told["data"]["reportConsent"]["consents"]}
        assert (consents["bill_issued"], consents["arrears_reminder"]) == (2, 0)

    async def test_an_unknown_template_is_refused(self, http: httpx.AsyncClient, stands: Addresses) -> None:
        told = await ask(http, await linked(http, stands), REPORT.format('"nothing"', "key-0001"))
        assert told["data"]["reportConsent"] == {"code": "UNKNOWN_TEMPLATE"}

    async def test_a_stranger_is_asked_to_sign_in(self, http: httpx.AsyncClient) -> None:
        answer = await http.post("/graphql", json={"query": REPORT.format('"bill_issued"', "key-0001")})
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


class TestPushes:
    def query(self, settings: Settings, **changes: str) -> dict[str, str]:
        asked = {"timestamp": str(int(time.time())), "nonce": "17", **changes}
        token = settings.wechat_push_token.get_secret_value()
        return {"signature": signature(token=token, timestamp=asked["timestamp"], nonce="17"), **asked}

    async def test_the_echo_comes_back_as_it_was(self, http: httpx.AsyncClient, settings: Settings) -> None:
        answer = await http.get("/v1/webhooks/wechat", params={**self.query(settings), "echostr": "48 81<"})
        assert (answer.status_code, answer.text) == (200, "48 81<")
        assert answer.headers["content-type"].startswith("text/plain")

    @pytest.mark.parametrize("changes", [{"signature": "0" * 40}, {"timestamp": "1714036504"}, {"timestamp": "now"}])
    async def test_forged_and_old_ones_are_refused(
        self, http: httpx.AsyncClient, settings: Settings, changes: dict[str, str]
    ) -> None:
        query = self.query(settings, **changes)
        assert (await http.get("/v1/webhooks/wechat", params={**query, "echostr": "1"})).status_code == 401
        assert (await http.post("/v1/webhooks/wechat", params=query, json={})).status_code == 401

    async def test_a_switched_off_template_has_no_credits_left(
        self, http: httpx.AsyncClient, stands: Addresses, settings: Settings
    ) -> None:
        tokens = await linked(http, stands)
        await ask(http, tokens, REPORT.format('"bill_issued", "payment_received"', "key-0001"))
        openid = (await tell(stands, "demo/login", phone=PHONE))["openid"]
        event = {
            "ToUserName": "gh_1",
            "FromUserName": openid,
            "MsgType": "event",
            "Event": "subscribe_msg_change_event",
            "List": [{"TemplateId": "DEMO_BILL_ISSUED", "SubscribeStatusString": "reject"}],
        }
        answer = await http.post("/v1/webhooks/wechat", params=self.query(settings), json=event)
        assert (answer.status_code, answer.text) == (200, "success")
        seen = await ask(http, tokens, "{ viewer { wechat { consents { template credits } } } }")
        left = {one["template"]: one["credits"] for one in seen["data"]["viewer"]["wechat"]["consents"]}
        assert (left["bill_issued"], left["payment_received"]) == (0, 1)

    @pytest.mark.parametrize("body", [b"", b"<xml></xml>", b"[]", b'{"MsgType":"event"}', b'{"Encrypt":"x"}'])
    async def test_what_cannot_be_read_is_taken_and_forgotten(
        self, http: httpx.AsyncClient, settings: Settings, body: bytes
    ) -> None:
        answer = await http.post("/v1/webhooks/wechat", params=self.query(settings), content=body)
        assert (answer.status_code, answer.text) == (200, "success")
