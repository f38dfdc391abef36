"""The online providers of a deployment, opened from its settings."""

import secrets
from collections.abc import Mapping
from typing import Final

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from pydantic import SecretStr

from gridhall.billing.payments.alipay import merchant as alipay_merchant
from gridhall.billing.payments.alipay.client import AlipayClient
from gridhall.billing.payments.alipay.provider import Alipay
from gridhall.billing.payments.calls import Noted
from gridhall.billing.payments.port import OnlineProvider
from gridhall.billing.payments.wechatpay import merchant as wechatpay_merchant
from gridhall.billing.payments.wechatpay.client import WechatPayClient
from gridhall.billing.payments.wechatpay.platform import PlatformKeys
from gridhall.billing.payments.wechatpay.provider import WechatPay
from gridhall.kit.clock import Clock
from gridhall.kit.keys import MissingKeyError
from gridhall.kit.pems import made_key, private_key, public_key
from gridhall.kit.secret import kept
from gridhall.kit.settings import Settings

Providers = Mapping[str, OnlineProvider]
"""By the name under which intents and payments keep them."""

CALLBACKS: Final = "/v1/webhooks/payments"
_V3_KEY_BYTES: Final = 32


def open_providers(settings: Settings, *, http: httpx.AsyncClient, clock: Clock, noted: Noted) -> Providers:
    """Open the providers that are offered. noted: is told whether what they are asked is answered.

    Raises MissingKeyError and BadKeyError, which name the setting.
    """
    openers = {"wechatpay": _wechatpay, "alipay": _alipay}
    return {name: openers[name](settings, http=http, clock=clock, noted=noted) for name in settings.pay_providers}


def _wechatpay(settings: Settings, *, http: httpx.AsyncClient, clock: Clock, noted: Noted) -> OnlineProvider:
    merchant = wechatpay_merchant.Merchant(
        mchid=settings.wechatpay_mchid,
        appid=settings.wechat_appid,
        serial=settings.wechatpay_serial,
        key=_own_key(
            settings, settings.wechatpay_key, variable="GRIDHALL_WECHATPAY_KEY", name="wechatpay-merchant.pem"
        ),
        v3_key=_v3_key(settings),
    )
    keys = PlatformKeys(given=_given(settings), downloads=settings.wechatpay_certificates)
    client = WechatPayClient(
        http=http, url=settings.wechatpay_url, merchant=merchant, keys=keys, clock=clock, noted=noted
    )
    told_at = f"{settings.public_url}{CALLBACKS}/wechatpay"
    return WechatPay(client=client, notify_url=told_at, refund_notify_url=f"{told_at}/refunds", clock=clock)


def _alipay(settings: Settings, *, http: httpx.AsyncClient, clock: Clock, noted: Noted) -> OnlineProvider:
    merchant = alipay_merchant.Merchant(
        app_id=settings.alipay_app_id,
        seller_id=settings.alipay_seller_id,
        key=_own_key(settings, settings.alipay_key, variable="GRIDHALL_ALIPAY_KEY", name="alipay-merchant.pem"),
        gateway_key=_gateway_key(settings),
    )
    client = AlipayClient(http=http, url=settings.alipay_url, merchant=merchant, clock=clock, noted=noted)
    told_at = f"{settings.public_url}{CALLBACKS}/alipay"
    return Alipay(client=client, notify_url=told_at, return_url=settings.alipay_return_url, clock=clock)


def _own_key(settings: Settings, given: SecretStr | None, *, variable: str, name: str) -> RSAPrivateKey:
    if given is not None:
        return private_key(given.get_secret_value().encode(), named=variable)
    _require_development(settings, variable)
    return made_key(settings.data_dir / "keys", name)


def _v3_key(settings: Settings) -> bytes:
    variable = "GRIDHALL_WECHATPAY_V3_KEY"
    if settings.wechatpay_v3_key is None:
        _require_development(settings, variable)
        return kept(settings.data_dir / "keys", "wechatpay-v3.key", make=lambda: secrets.token_hex(16).encode())
    key = settings.wechatpay_v3_key.get_secret_value().encode()
    if len(key) != _V3_KEY_BYTES:
        raise MissingKeyError(f"{variable} must be {_V3_KEY_BYTES} characters")
    return key


def _given(settings: Settings) -> Mapping[str, RSAPublicKey]:
    pem, its_id = settings.wechatpay_public_key, settings.wechatpay_public_key_id
    if (pem is None) != (its_id is None):
        raise MissingKeyError("GRIDHALL_WECHATPAY_PUBLIC_KEY and GRIDHALL_WECHATPAY_PUBLIC_KEY_ID go together")
    if pem is None or its_id is None:
        return {}
    return {its_id: public_key(pem.encode(), named="GRIDHALL_WECHATPAY_PUBLIC_KEY")}


def _gateway_key(settings: Settings) -> RSAPublicKey:
    """Return Alipay's key; in development the stand-in's, which both processes find in the data folder."""
    variable = "GRIDHALL_ALIPAY_PUBLIC_KEY"
    if settings.alipay_public_key is not None:
        return public_key(settings.alipay_public_key.encode(), named=variable)
    _require_development(settings, variable)
    return made_key(settings.data_dir / "keys", "alipay-gateway.pem").public_key()


def _require_development(settings: Settings, variable: str) -> None:
    if settings.environment == "production":
        raise MissingKeyError(f"{variable} must be set in production")
