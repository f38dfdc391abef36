"""Checks request signatures V3 (ACS3-HMAC-SHA256) as the gateway does, written apart from the client that signs."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, quote

_SKEW = timedelta(minutes=15)
_AUTHORIZATION = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})")
_MUST_BE_SIGNED = frozenset({"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce"})


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as it came over the wire; header names in lower case, the query still encoded."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Denied:
    """Why a request was not let in: the HTTP status and code that the real gateway answers with."""

    status: int
    code: str


class SmsAuthority:
    """Knows one access key, and every nonce that was used with it lately."""

    def __init__(self, *, access_key_id: str, access_key_secret: str) -> None:
        self._access_key_id = access_key_id
        self._secret = access_key_secret.encode()
        self._nonces: dict[str, datetime] = {}

    def check(self, request: Request, *, now: datetime) -> Denied | None:
        """Return why the request is denied, None where its signature holds."""
        found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if found is None or not set(found[2].split(";")) & request.headers.keys() >= _MUST_BE_SIGNED:
            return Denied(400, "IncompleteSignature")
        if found[1] != self._access_key_id:
            return Denied(404, "InvalidAccessKeyId.NotFound")
        is_whole = request.headers["x-acs-content-sha256"] == sha256(request.body).hexdigest()
        if not is_whole or not hmac.compare_digest(self._signature(request, found[2].split(";")), found[3]):
            return Denied(400, "SignatureDoesNotMatch")
        if not _is_recent(request.headers["x-acs-date"], now=now):
            return Denied(400, "InvalidTimeStamp.Expired")
        return self._use_nonce(request.headers["x-acs-signature-nonce"], now=now)

    def _signature(self, request: Request, signed: list[str]) -> str:
        pairs = sorted(parse_qsl(request.query, keep_blank_values=True))
        query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
        headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in signed)
        content = request.headers["x-acs-content-sha256"]
        canonical = f"{request.method}\n{request.path}\n{query}\n{headers}\n{';'.join(signed)}\n{content}"
        to_sign = "ACS3-HMAC-SHA256\n" + sha256(canonical.encode()).hexdigest()
        return hmac.new(self._secret, to_sign.encode(), sha256).hexdigest()

    def _use_nonce(self, nonce: str, *, now: datetime) -> Denied | None:
        self._nonces = {used: at for used, at in self._nonces.items() if now - at < _SKEW}
        if nonce in self._nonces:
            return Denied(400, "SignatureNonceUsed")
        self._nonces[nonce] = now
        return None


def _is_recent(text: str, *, now: datetime) -> bool:
    try:
        at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(now - at) <= _SKEW
