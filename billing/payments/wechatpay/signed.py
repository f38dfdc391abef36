"""Whether WeChat Pay said this, now: the signature of its answers and callbacks."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from gridhall.billing.payments.wechatpay.merchant import SCHEME

_SKEW: Final = timedelta(minutes=5)
_PROBE: Final = "WECHATPAY/SIGNTEST/"
_LONGEST: Final = 1024


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the headers say of a message. serial: names the key that signed it."""

    serial: str
    timestamp: str
    nonce: str
    signature: bytes

    @classmethod
    def read(cls, headers: Mapping[str, str], *, now: datetime) -> "Stamp":
        """Read the headers and judge what can be judged without a key. Raises NotSignedError.

        A signature that begins `WECHATPAY/SIGNTEST/` is a probe of WeChat Pay, which wants to see it refused.
        """
        said = {name.lower(): value for name, value in headers.items() if name.lower().startswith("wechatpay-")}
        signature, timestamp = said.get("wechatpay-signature", ""), said.get("wechatpay-timestamp", "")
        if said.get("wechatpay-signature-type", SCHEME) != SCHEME:
            raise NotSignedError("the signature is of another kind")
        if signature.startswith(_PROBE):
            raise NotSignedError("the signature is a probe")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= len("10000000000")):
            raise NotSignedError("there is no timestamp")
        if abs(now.timestamp() - int(timestamp)) > _SKEW.total_seconds():
            raise NotSignedError("the timestamp is more than 5 minutes off")
        try:
            raw = b64decode(signature, validate=True)
        except ValueError:
            raw = b""
        if not 0 < len(raw) <= _LONGEST:
            raise NotSignedError("there is no signature")
        return cls(said.get("wechatpay-serial", ""), timestamp, said.get("wechatpay-nonce", ""), raw)

    def require(self, key: RSAPublicKey, body: bytes) -> None:
        """Require that `key` signed this body. Raises NotSignedError."""
        message = f"{self.timestamp}\n{self.nonce}\n".encode() + body + b"\n"
        try:
            key.verify(self.signature, message, PKCS1v15(), SHA256())
        except InvalidSignature:
            raise NotSignedError("the signature is wrong") from None


class NotSignedError(ValueError):
    """WeChat Pay did not say this, or not now; the text says why."""
