"""Request signature V3 of Alibaba Cloud (ACS3-HMAC-SHA256).

Source: Alibaba Cloud's published description of signature version 3, whose worked example is a test of ours.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

_ALGORITHM = "ACS3-HMAC-SHA256"


def signed_headers(
    *,
    method: str,
    host: str,
    path: str,
    query: Mapping[str, str],
    body: bytes,
    action: str,
    version: str,
    access_key_id: str,
    access_key_secret: str,
    nonce: str,
    now: datetime,
) -> dict[str, str]:
    """Return the headers that authorize one request, `host` among them.

    host carries the port where it is not the scheme's own. path begins with a slash and is already encoded.
    nonce must be new for every request, now within 15 minutes of the server's clock.
    """
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": sha256(body).hexdigest(),
        "x-acs-date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    canonical = "\n".join(
        (
            method,
            path,
            canonical_query(query),
            "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers)),
            names,
            headers["x-acs-content-sha256"],
        )
    )
    to_sign = f"{_ALGORITHM}\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(access_key_secret.encode(), to_sign.encode(), sha256).hexdigest()
    authorization = f"{_ALGORITHM} Credential={access_key_id},SignedHeaders={names},Signature={signature}"
    return {**headers, "authorization": authorization}


def canonical_query(query: Mapping[str, str]) -> str:
    """Return the query as it is signed, and as it must be sent: sorted, every reserved character encoded."""
    return "&".join(f"{_encode(name)}={_encode(query[name])}" for name in sorted(query))


def _encode(text: str) -> str:
    return quote(text, safe="-_.~")
