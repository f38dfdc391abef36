"""The contracts with both payment providers that tests share, and what a customer does at their stand-ins."""

import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gridhall.billing.payments.calls import Noted
from gridhall.billing.payments.port import StatementLine
from gridhall.billing.payments.providers import Providers, open_providers
from gridhall.kit.clock import Clock, SystemClock
from gridhall.kit.settings import Settings
from gridhall.simulators.app import Addresses
from gridhall.simulators.paying.keys import PayKeys

START = datetime.now(UTC)
"""When the clock of stand-ins begins: now, with the microseconds of which Alipay tells none."""

Statement = Callable[..., Awaitable[list[StatementLine]]]


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="gridhall-pay-keys-")


@cache
def pay_keys() -> PayKeys:
    """The contracts as the stand-ins hold them; keys of two kilobits take a while, so they are made once a process."""
    return PayKeys.kept(Path(_folder().name))


def pay_settings(stands: Addresses) -> dict[str, Any]:
    """The settings with which we are the other side of those contracts."""
    pay_keys()
    folder = Path(_folder().name)
    gateway = pay_keys().alipay.gateway.public_key()
    return {
        "wechatpay_url": stands.wechatpay_url,
        "wechatpay_key": (folder / "wechatpay-merchant.pem").read_text(),
        "wechatpay_v3_key": (folder / "wechatpay-v3.key").read_text(),
        "alipay_url": stands.alipay_url,
        "alipay_key": (folder / "alipay-merchant.pem").read_text(),
        "alipay_public_key": public_pem(gateway),
    }


def public_pem(key: Any) -> str:  # noqa: ANN401 - any public key of cryptography
    """A public key as the providers hand it out."""
    pem: bytes = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def providers_at(
    stands: Addresses,
    http: httpx.AsyncClient,
    *,
    clock: Clock | None = None,
    noted: Noted | None = None,
    **changes: Any,  # noqa: ANN401 - any setting
) -> Providers:
    """Both providers as a deployment opens them, speaking to the stand-ins."""
    chosen = Settings(**{**pay_settings(stands), "public_url": "http://127.0.0.1:9", **changes})
    return open_providers(chosen, http=http, clock=clock or SystemClock(), noted=noted or nobody)


async def nobody(provider: str, *, answered: bool, at: datetime) -> None:
    """Take no note of what is answered."""


async def confirm_page(http: httpx.AsyncClient, pay_url: str) -> dict[str, Any]:
    """Open the page of a placed order in a browser, and confirm it there."""
    shown = await http.get(pay_url, follow_redirects=True)
    assert shown.status_code == 200, shown.text
    paid = await http.post(f"{str(shown.url).partition('?')[0]}/confirm")
    assert paid.is_success, paid.text
    return dict(paid.json())


async def confirm_in_wechat(http: httpx.AsyncClient, stands: Addresses, client: Any) -> dict[str, Any]:  # noqa: ANN401 - a mapping of texts
    """Do what the mini-program does with the parameters of a placed order, and confirm it."""
    paid = await http.post(f"{stands.pay_url}/wechatpay/request", json=dict(client))
    assert paid.is_success, paid.text
    return dict(paid.json())


async def tell(http: httpx.AsyncClient, stands: Addresses, **orders: object) -> dict[str, int]:
    """Tell the stand-ins what to do wrong; return what they did so far."""
    answer = await http.post(f"{stands.pay_url}/control", json=orders)
    assert answer.is_success, answer.text
    return dict(answer.json()["callbacks"])
