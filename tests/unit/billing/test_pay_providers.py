"""The online providers that a deployment opens, and what it refuses to start with."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gridhall.billing.payments.providers import Providers, open_providers
from gridhall.kit.clock import SystemClock
from gridhall.kit.keys import MissingKeyError
from gridhall.kit.pems import BadKeyError
from gridhall.kit.settings import Settings
from gridhall.simulators.app import Addresses
from tests.factories.paying import nobody, pay_settings

GIVEN = pay_settings(Addresses("https://pay.example", 1))
SECRETS = {"sms_access_key_secret": "s", "wechat_secret": "w", "wechat_push_token": "p"}


def opened(**changes: Any) -> Providers:  # noqa: ANN401 - any setting
    production = {"environment": "production", **SECRETS, **GIVEN, **changes}
    return open_providers(Settings(**production), http=httpx.AsyncClient(), clock=SystemClock(), noted=nobody)


def test_production_opens_those_that_are_offered_and_asks_for_no_key_of_the_others() -> None:
    assert list(opened()) == ["wechatpay", "alipay"]
    assert list(opened(pay_providers=("alipay",), wechatpay_key=None, wechatpay_v3_key=None)) == ["alipay"]
    assert list(opened(pay_providers=())) == []


@pytest.mark.parametrize("name", ["wechatpay_key", "wechatpay_v3_key", "alipay_key", "alipay_public_key"])
def test_production_names_the_key_that_is_missing(name: str) -> None:
    with pytest.raises(MissingKeyError, match=f"GRIDHALL_{name.upper()} must be set in production"):
        opened(**{name: None})


@pytest.mark.parametrize("name", ["wechatpay_key", "alipay_key", "alipay_public_key"])
def test_a_key_of_another_kind_is_refused_by_the_name_of_its_setting(name: str) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for wrong in (pem, "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(BadKeyError, match=f"GRIDHALL_{name.upper()}: only an RSA"):
            opened(**{name: wrong})


def test_a_v3_key_has_32_characters_and_a_public_key_has_its_id() -> None:
    with pytest.raises(MissingKeyError, match="32 characters"):
        opened(wechatpay_v3_key="short")
    with pytest.raises(MissingKeyError, match="go together"):
        opened(wechatpay_public_key_id="PUB_KEY_ID_1")


def test_development_makes_its_keys_once_and_for_its_owner_only(tmp_path: Path) -> None:
    for _ in range(2):
        open_providers(Settings(data_dir=tmp_path), http=httpx.AsyncClient(), clock=SystemClock(), noted=nobody)
    made = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}
    assert made == dict.fromkeys(
        ["wechatpay-merchant.pem", "wechatpay-v3.key", "alipay-merchant.pem", "alipay-gateway.pem"], 0o600
    )
