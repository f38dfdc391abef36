"""WeChat Pay's protocol by hands that are not ours: the wheel `wechatpayv3` against our client, and our stand-in."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.utils import aes_decrypt, rsa_sign, rsa_verify

from gridhall.billing.payments.port import ForgedCallbackError, OnlineProvider, Order, Trade, TradeState
from gridhall.kit.clock import SystemClock
from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen
from gridhall.simulators.app import Addresses, running
from gridhall.simulators.paying.deliveries import Message
from gridhall.simulators.paying.wechatpay.notices import Notices
from gridhall.simulators.paying.wechatpay.signing import sealed
from tests.factories.paying import confirm_in_wechat, pay_keys, pay_settings, providers_at, public_pem

KEYS = pay_keys().wechatpay
SCHEME = "WECHATPAY2-SHA256-RSA2048"


@pytest.fixture(scope="module")
async def stands() -> AsyncIterator[Addresses]:
    """The stand-ins by the real time, since the wheel knows no other."""
    async with running(pay=pay_keys(), sms_access_key_id="k", sms_access_key_secret="s") as addresses:
        yield addresses


@pytest.fixture
def provider(stands: Addresses, http: httpx.AsyncClient) -> OnlineProvider:
    """Our client, which proves callbacks by the public key."""
    pem = public_pem(KEYS.public.public_key())
    given = {"wechatpay_public_key": pem, "wechatpay_public_key_id": KEYS.public_id}
    return providers_at(stands, http, **given)["wechatpay"]


@pytest.fixture
def wheel(stands: Addresses, monkeypatch: pytest.MonkeyPatch) -> WeChatPay:
    """The wheel in public-key mode as the same merchant; its gateway is written into it, so it is turned."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    settings = pay_settings(stands)
    made = WeChatPay(
        wechatpay_type=WeChatPayType.JSAPI,
        mchid=KEYS.mchid,
        private_key=settings["wechatpay_key"],
        cert_serial_no=KEYS.serial,
        apiv3_key=settings["wechatpay_v3_key"],
        appid=KEYS.appid,
        notify_url="http://127.0.0.1:9/",
        public_key=public_pem(KEYS.public.public_key()),
        public_key_id=KEYS.public_id,
        timeout=(5, 5),  # to connect, and to read; without one it would wait for ever
    )
    made._core._gate_way = stands.url
    return made


def told(**changes: object) -> dict[str, Any]:
    return {
        "appid": KEYS.appid,
        "mchid": KEYS.mchid,
        "out_trade_no": new_id().hex,
        "transaction_id": "4200001",
        "trade_state": "SUCCESS",
        "success_time": datetime.now(UTC).isoformat(timespec="seconds"),
        "amount": {"total": 4321, "currency": "CNY"},
        **changes,
    }


def signed_by_the_wheel(resource: dict[str, Any], *, at: float | None = None) -> tuple[dict[str, str], bytes]:
    """A callback whose signature the wheel's own function made."""
    body = orjson.dumps(
        {
            "id": str(new_id()),
            "event_type": "TRANSACTION.SUCCESS",
            "resource_type": "encrypt-resource",
            "resource": sealed(KEYS.v3_key, orjson.dumps(resource), about="transaction"),
        }
    ).decode()
    stamp, nonce = str(int(at or time.time())), "n0nce"
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": KEYS.public_id,
        "Wechatpay-Signature": rsa_sign(KEYS.public, f"{stamp}\n{nonce}\n{body}\n"),
        "Wechatpay-Signature-Type": SCHEME,
    }, body.encode()


async def test_what_the_wheel_signs_our_client_believes(provider: OnlineProvider) -> None:
    resource = told()
    headers, body = signed_by_the_wheel(resource)
    read = await provider.read_callback(headers=headers, body=body, now=datetime.now(UTC))
    assert isinstance(read, Trade)
    assert (read.number, read.state, read.total) == (resource["out_trade_no"], TradeState.PAID, 4321)


async def test_what_the_wheel_lets_pass_our_client_refuses(provider: OnlineProvider, wheel: WeChatPay) -> None:
    old = time.time() - timedelta(days=3650).total_seconds()
    for headers, body in (
        signed_by_the_wheel(told(), at=old),
        signed_by_the_wheel(told(mchid="1900009999")),
        signed_by_the_wheel(told(appid="wx-of-others")),
    ):
        assert wheel.callback(headers, body)
        with pytest.raises(ForgedCallbackError):
            await provider.read_callback(headers=headers, body=body, now=datetime.now(UTC))


async def test_the_parameters_of_the_mini_program_are_what_the_wheel_verifies(provider: OnlineProvider) -> None:
    placed = await provider.place(Order(new_id().hex, Fen(1), "电费", "o-wang"))
    client = dict(placed.client or {})
    message = f"{client['appId']}\n{client['timeStamp']}\n{client['nonceStr']}\n{client['package']}"
    stamp, nonce, rest = message.split("\n", 2)
    assert rsa_verify(stamp, nonce, rest, client["paySign"], KEYS.merchant)


async def test_the_stand_in_believes_the_wheel_and_the_wheel_the_stand_in(
    wheel: WeChatPay, provider: OnlineProvider, http: httpx.AsyncClient, stands: Addresses
) -> None:
    number = new_id().hex

    def placed() -> tuple[int, str]:
        status, answer = wheel.pay(
            description="电费", out_trade_no=number, amount={"total": 99}, payer={"openid": "o1"}
        )
        return status, answer

    status, answer = await asyncio.to_thread(placed)
    assert status == 200, answer
    package = f"prepay_id={orjson.loads(answer)['prepay_id']}"
    stamp, nonce = str(int(time.time())), "n0nce"
    client = {"timeStamp": stamp, "nonceStr": nonce, "package": package, "signType": "RSA"}
    client["paySign"] = wheel.sign([KEYS.appid, stamp, nonce, package])
    await confirm_in_wechat(http, stands, client)
    status, answer = await asyncio.to_thread(lambda: wheel.query(out_trade_no=number))
    assert (status, orjson.loads(answer)["trade_state"]) == (200, "SUCCESS")
    assert (await provider.query(number)).total == 99


async def test_the_wheel_reads_the_callbacks_of_the_stand_in_and_the_certificates(wheel: WeChatPay) -> None:
    notices = Notices(keys=KEYS, signer=lambda: (KEYS.public, KEYS.public_id), clock=SystemClock())
    message: Message = notices.message("http://127.0.0.1:9/", "TRANSACTION.SUCCESS", told(), None)
    assert wheel.callback(dict(message.headers), message.body)["resource"]["amount"]["total"] == 4321
    status, answer = await asyncio.to_thread(lambda: wheel._core.request("/v3/certificates"))
    (first, *_) = [one["encrypt_certificate"] for one in orjson.loads(answer)["data"]]
    pem = aes_decrypt(first["nonce"], first["ciphertext"], first["associated_data"], KEYS.v3_key.decode())
    assert (status, str(pem).startswith("-----BEGIN CERTIFICATE-----")) == (200, True)
