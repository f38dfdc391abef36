"""How requests to the tax platform and its answers are signed: HMAC-SHA256 by a key that both have. Pure."""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

SKEW: Final = timedelta(minutes=5)
"""How far the other side's clock may be off."""


def signature(*, key: bytes, parts: tuple[str, ...], body: bytes) -> str:
    """Return the signature over the parts, a line each, and the body."""
    return hmac.new(key, "".join(f"{part}\n" for part in parts).encode() + body, sha256).hexdigest()


def is_signed(*, key: bytes, told: str, timestamp: str, nonce: str, body: bytes, now: datetime) -> bool:
    """Say whether an answer was signed for the request with a nonce, lately."""
    if (
        not (timestamp.isascii() and timestamp.isdigit())
        or abs(now.timestamp() - int(timestamp)) > SKEW.total_seconds()
    ):
        return False
    return hmac.compare_digest(told.encode(), signature(key=key, parts=(timestamp, nonce), body=body).encode())
