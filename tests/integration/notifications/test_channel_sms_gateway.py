"""The SMS channel against the gateway that checks signatures, and against servers that fail it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from gridhall.kit.clock import FixedClock, SystemClock
from gridhall.notifications.channels.port import MailContent, OutgoingMessage, SendState, SmsContent, WrongContentError
from gridhall.notifications.channels.sms import SmsChannel
from gridhall.notifications.channels.sms_signature import canonical_query, signed_headers
from gridhall.simulators.app import Addresses, running

PHONE = "13800000001"
SECRET = "secret"
CODE = SmsContent("SMS_CODE_ASKED", {"code": "135790", "minutes": "5"})


@pytest.fixture
async def gateway() -> AsyncIterator[Addresses]:
    async with running(sms_access_key_id="key", sms_access_key_secret="secret") as stands:
        yield stands


def channel(url: str, *, key: str = "key", secret: str = SECRET, timeout_seconds: float = 5) -> SmsChannel:
    return SmsChannel(
        url=url,
        access_key_id=key,
        access_key_secret=secret,
        sign_name="格里供电",
        timeout_seconds=timeout_seconds,
        clock=SystemClock(),
    )


def sms(content: SmsContent = CODE, *, recipient: str = PHONE) -> OutgoingMessage:
    return OutgoingMessage(uuid4(), recipient, content)


@asynccontextmanager
async def server_that_says(answer: bytes | None) -> AsyncIterator[str]:
    """Serve raw HTTP: the same answer to everybody, none where it is None; empty hangs up."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answer is None:
            await reader.read()
        writer.write(answer or b"")
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


class TestAccepted:
    async def test_a_signed_message_shows_on_the_phone(self, gateway: Addresses) -> None:
        message = sms()
        result = await channel(gateway.sms_url).send(message)
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{gateway.url}/phone/messages", params={"of": PHONE})
        (shown,) = answer.json()["messages"]
        assert (result.state, bool(result.provider_reference)) == (SendState.SENT, True)
        assert shown["text"].startswith("【格里供电】您的验证码为135790，5分钟内有效")

    async def test_characters_that_urls_reserve_keep_the_signature_whole(self, gateway: Addresses) -> None:
        content = SmsContent(
            "SMS_BILL_ISSUED",
            {"account": "33*** *+42", "month": "10月/11月", "kwh": "~1&2=3", "total": "元%2B㛃𠮷", "due_on": "'\"!()"},
        )
        assert (await channel(gateway.sms_url).send(sms(content))).state is SendState.SENT


class TestRefused:
    async def test_a_wrong_secret(self, gateway: Addresses) -> None:
        result = await channel(gateway.sms_url, secret="guess").send(sms())
        assert (result.state, result.reason) == (SendState.FAILED, "SignatureDoesNotMatch")

    async def test_an_unknown_key(self, gateway: Addresses) -> None:
        result = await channel(gateway.sms_url, key="other").send(sms())
        assert (result.state, result.reason) == (SendState.FAILED, "InvalidAccessKeyId.NotFound")

    async def test_a_clock_that_is_an_hour_off(self, gateway: Addresses) -> None:
        late = channel(gateway.sms_url)
        late._clock = FixedClock(SystemClock().now() - timedelta(hours=1))
        assert (await late.send(sms())).reason == "InvalidTimeStamp.Expired"

    async def test_the_same_request_twice_and_a_changed_number(self, gateway: Addresses) -> None:
        query = {"PhoneNumbers": PHONE, "SignName": "x", "TemplateCode": "SMS_CODE_ASKED", "TemplateParam": "{}"}
        headers = signed_headers(
            method="POST",
            host=gateway.url.removeprefix("http://"),
            path="/sms",
            query=query,
            body=b"",
            action="SendSms",
            version="2017-05-25",
            access_key_id="key",
            access_key_secret="secret",
            nonce=uuid4().hex,
            now=SystemClock().now(),
        )
        changed = {**query, "PhoneNumbers": "13900000009"}
        async with httpx.AsyncClient() as client:
            codes = [
                (await client.post(f"{gateway.sms_url}?{canonical_query(asked)}", headers=headers)).json()["Code"]
                for asked in (changed, query, query)
            ]
        assert codes == ["SignatureDoesNotMatch", "isv.TEMPLATE_MISSING_PARAMETERS", "SignatureNonceUsed"]

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (SmsContent("SMS_UNHEARD_OF", {}), "isv.SMS_TEMPLATE_ILLEGAL"),
            (SmsContent("SMS_CODE_ASKED", {"code": "1"}), "isv.TEMPLATE_MISSING_PARAMETERS"),
            (SmsContent("SMS_CODE_ASKED", {"code": "￥1", "minutes": "5"}), "currency-sign-in-params"),
        ],
    )
    async def test_a_template_that_cannot_be_filled(self, gateway: Addresses, content: SmsContent, reason: str) -> None:
        result = await channel(gateway.sms_url).send(sms(content))
        assert (result.state, result.reason) == (SendState.FAILED, reason)

    async def test_a_landline_is_not_asked_for_at_the_gateway(self) -> None:
        result = await channel("http://127.0.0.1:1/sms").send(sms(recipient="057188888888"))
        assert (result.reason, result.suppress_recipient) == ("not-a-mobile-number", True)

    async def test_the_second_code_within_a_minute_is_tried_later(self) -> None:
        async with running(sms_access_key_id="key", sms_access_key_secret="secret", is_sms_limited=True) as stands:
            sender = channel(stands.sms_url)
            states = [(await sender.send(sms())).state, (await sender.send(sms())).state]
        assert states == [SendState.SENT, SendState.RETRY]


class TestSilence:
    async def test_a_gateway_that_is_not_there_is_tried_later(self) -> None:
        assert (await channel("http://127.0.0.1:1/sms").send(sms())).state is SendState.RETRY

    async def test_no_answer_in_time_is_unknown(self) -> None:
        async with server_that_says(None) as url:
            result = await channel(url, timeout_seconds=0.3).send(sms())
        assert (result.state, result.reason) == (SendState.UNKNOWN, "timeout")

    async def test_a_line_that_is_cut_is_unknown(self) -> None:
        async with server_that_says(b"") as url:
            assert (await channel(url).send(sms())).state is SendState.UNKNOWN

    async def test_a_proxy_that_failed_may_have_passed_it_on(self) -> None:
        async with server_that_says(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n") as url:
            assert (await channel(url).send(sms())).state is SendState.UNKNOWN

    async def test_an_address_without_a_gateway_is_tried_later(self) -> None:
        async with server_that_says(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n") as url:
            assert (await channel(url).send(sms())).state is SendState.RETRY


class TestTheChannelItself:
    async def test_a_mail_is_a_mistake(self) -> None:
        with pytest.raises(WrongContentError, match="sms cannot carry MailContent"):
            await channel("http://127.0.0.1:1/sms").send(OutgoingMessage(uuid4(), PHONE, MailContent("a", "b")))


class TestTrouble:
    """The gateway does wrong what it is told to."""

    @pytest.mark.parametrize(
        ("orders", "state", "reason"),
        [
            ({"errcode": "isv.BUSINESS_LIMIT_CONTROL"}, SendState.RETRY, "isv.BUSINESS_LIMIT_CONTROL"),
            ({"errcode": "isv.SMS_TEMPLATE_ILLEGAL"}, SendState.FAILED, "isv.SMS_TEMPLATE_ILLEGAL"),
            ({"status": 503}, SendState.UNKNOWN, None),
            ({"quota": 0}, SendState.RETRY, "isv.DAY_LIMIT_CONTROL"),
        ],
    )
    async def test_each_order_has_its_outcome_and_ends_with_the_next(
        self, gateway: Addresses, orders: dict[str, object], state: SendState, reason: str | None
    ) -> None:
        await told(gateway, orders)
        result = await channel(gateway.sms_url).send(sms())
        assert result.state is state
        assert reason is None or result.reason == reason
        await told(gateway, {})
        assert (await channel(gateway.sms_url).send(sms())).state is SendState.SENT

    async def test_a_slow_gateway_leaves_the_outcome_unknown(self, gateway: Addresses) -> None:
        await told(gateway, {"delay_seconds": 1})
        assert (await channel(gateway.sms_url, timeout_seconds=0.2).send(sms())).state is SendState.UNKNOWN

    async def test_an_order_that_is_none_names_the_field(self, gateway: Addresses) -> None:
        async with httpx.AsyncClient() as http:
            answer = await http.post(f"{gateway.sms_url}/control", json={"speed": "slow"})
        assert answer.status_code == 422
        assert "speed" in answer.text


async def told(gateway: Addresses, orders: dict[str, object]) -> None:
    async with httpx.AsyncClient() as http:
        assert (await http.post(f"{gateway.sms_url}/control", json=orders)).is_success
