r"""The simulated online payment: our side of the protocol that the stand-in speaks.

Requests and callbacks carry a timestamp, a nonce and the hex HMAC-SHA256 over `timestamp\nnonce\nbody\n`.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import httpx
import orjson
from prometheus_client import Counter

from gridhall.billing.payments.port import Order, Placed, ProviderUnavailableError
from gridhall.kit.clock import Clock
from gridhall.kit.money import Fen

CALLS = Counter(
    "gridhall_payment_provider_calls_total", "Orders placed with online providers.", ["provider", "outcome"]
)

_SKEW_SECONDS = 300
_TRIES = 2


class SimulatedProvider:
    """Places orders with the stand-in. Placing is idempotent by the trade number, so it is tried twice."""

    name = "simulated"

    def __init__(self, *, http: httpx.AsyncClient, base_url: str, secret: bytes, notify_url: str, clock: Clock) -> None:
        self._http = http
        self._orders = f"{base_url.rstrip('/')}/orders"
        self._secret = secret
        self._notify_url = notify_url
        self._clock = clock

    async def place(self, order: Order) -> Placed:
        """Place the order and return the address of its confirmation page."""
        body = orjson.dumps(
            {
                "out_trade_no": order.number,
                "total_fen": order.total,
                "description": order.description,
                "notify_url": self._notify_url,
            }
        )
        for attempt in range(_TRIES):
            try:
                answer = await self._http.post(self._orders, content=body, headers=self._headers(body))
                answer.raise_for_status()
                pay_url = str(answer.json()["pay_url"])
            except (httpx.HTTPError, ValueError, KeyError) as error:
                CALLS.labels(self.name, "failed").inc()
                if attempt == _TRIES - 1:
                    raise ProviderUnavailableError(type(error).__name__) from error
            else:
                CALLS.labels(self.name, "placed").inc()
                return Placed(pay_url=pay_url)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _headers(self, body: bytes) -> dict[str, str]:
        stamp, nonce = str(int(self._clock.now().timestamp())), secrets.token_hex(16)
        return {
            "Content-Type": "application/json",
            "X-Pay-Timestamp": stamp,
            "X-Pay-Nonce": nonce,
            "X-Pay-Signature": sign(self._secret, stamp, nonce, body),
        }


@dataclass(frozen=True, slots=True)
class Callback:
    """A verified callback: this order was paid."""

    trade_number: str
    provider_number: str
    total: Fen
    paid_at: datetime


def read_callback(*, headers: Mapping[str, str], body: bytes, secret: bytes, now: datetime) -> Callback:
    """Verify and read a callback. Raises ForgedCallbackError: wrong or missing signature, stale, or unreadable."""
    stamp = headers.get("x-pay-timestamp", "")
    expected = sign(secret, stamp, headers.get("x-pay-nonce", ""), body)
    if not hmac.compare_digest(expected.encode(), headers.get("x-pay-signature", "").encode()):
        raise ForgedCallbackError("the signature is wrong")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now.timestamp() - int(stamp)) > _SKEW_SECONDS:
        raise ForgedCallbackError("the timestamp is more than 5 minutes off")
    try:
        told: dict[str, Any] = orjson.loads(body)
        return Callback(
            trade_number=str(told["out_trade_no"]),
            provider_number=str(told["transaction_id"]),
            total=_positive(told["total_fen"]),
            paid_at=_aware(datetime.fromisoformat(told["paid_at"])),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ForgedCallbackError("the body is not a payment") from error


def _positive(fen: object) -> Fen:
    if type(fen) is not int or fen <= 0:
        raise ValueError("total_fen must be a whole number above zero")
    return Fen(fen)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("paid_at must have an offset")
    return instant


def sign(secret: bytes, stamp: str, nonce: str, body: bytes) -> str:
    """Return the signature of a message."""
    return hmac.new(secret, f"{stamp}\n{nonce}\n".encode() + body + b"\n", sha256).hexdigest()


class ForgedCallbackError(ValueError):
    """A callback that the provider did not send, or not now."""
