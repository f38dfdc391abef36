r"""The signature of the simulated online payment: both directions sign `timestamp\nnonce\nraw body\n` alike."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

_SKEW_SECONDS = 300


def pay_headers(*, secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers that prove who sent `body`."""
    timestamp, nonce = str(int(now.timestamp())), uuid4().hex
    return {
        "X-Pay-Timestamp": timestamp,
        "X-Pay-Nonce": nonce,
        "X-Pay-Signature": _signature(secret, timestamp, nonce, body),
    }


def is_pay_signature(*, secret: str, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
    """Whether `body` was signed with `secret` within the last five minutes."""
    timestamp = headers.get("X-Pay-Timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(now.timestamp() - int(timestamp)) > _SKEW_SECONDS:
        return False
    expected = _signature(secret, timestamp, headers.get("X-Pay-Nonce", ""), body)
    return hmac.compare_digest(expected.encode(), headers.get("X-Pay-Signature", "").encode())


def _signature(secret: str, timestamp: str, nonce: str, body: bytes) -> str:
    signed = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
    return hmac.new(secret.encode(), signed, sha256).hexdigest()
