"""Signatures and seals as WeChat Pay makes them and judges ours."""

import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
_PAIR: Final = re.compile(r'(\w+)="([^"]*)"')
_SKEW: Final = timedelta(minutes=5)
_CERTIFICATE_LIFE: Final = timedelta(days=5 * 365)


def signed(key: RSAPrivateKey, *lines: str) -> str:
    """Return the signature over lines, each with its newline."""
    message = "".join(f"{line}\n" for line in lines).encode()
    return b64encode(key.sign(message, PKCS1v15(), SHA256())).decode()


def is_signed(key: RSAPublicKey, signature: str, *lines: str) -> bool:
    """Say whether lines were signed with a key."""
    message = "".join(f"{line}\n" for line in lines).encode()
    try:
        key.verify(b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
    except (ValueError, InvalidSignature):
        return False
    return True


def headers(key: RSAPrivateKey, serial: str, body: str, *, now: datetime) -> dict[str, str]:
    """Return the headers of an answer or a callback."""
    stamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": signed(key, stamp, nonce, body),
        "Wechatpay-Signature-Type": SCHEME,
    }


class Nonces:
    """The nonces of the last minutes; a request that comes twice is refused."""

    def __init__(self) -> None:
        self._seen: dict[str, datetime] = {}

    def take(self, nonce: str, *, now: datetime) -> bool:
        """Note a nonce; False where it was used."""
        self._seen = {old: at for old, at in self._seen.items() if now - at < 2 * _SKEW}
        return self._seen.setdefault(nonce, now) is now


def is_merchant(
    authorization: str,
    *,
    mchid: str,
    serial: str,
    key: RSAPublicKey,
    method: str,
    target: str,
    body: str,
    nonces: Nonces,
    now: datetime,
) -> bool:
    """Say whether the merchant signed this request, now, and for the first time."""
    scheme, _, pairs = authorization.partition(" ")
    said: Mapping[str, str] = dict(_PAIR.findall(pairs))
    stamp, nonce = said.get("timestamp", ""), said.get("nonce_str", "")
    if scheme != SCHEME or said.get("mchid") != mchid or said.get("serial_no") != serial or not nonce:
        return False
    if not stamp.isdigit() or abs(now.timestamp() - int(stamp)) > _SKEW.total_seconds():
        return False
    is_ours = is_signed(key, said.get("signature", ""), method, target, stamp, nonce, body)
    return is_ours and nonces.take(nonce, now=now)


def sealed(v3_key: bytes, content: bytes, *, about: str) -> dict[str, str]:
    """Return what only the holder of the v3 key can read."""
    nonce = secrets.token_hex(6)
    ciphertext = AESGCM(v3_key).encrypt(nonce.encode(), content, about.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": b64encode(ciphertext).decode(),
        "associated_data": about,
        "nonce": nonce,
    }


class Certificate:
    """A certificate of the platform, made for a key. begins_at: a moment ago, for clocks that differ."""

    def __init__(self, key: RSAPrivateKey, *, now: datetime) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Stand-in of WeChat Pay")])
        self.begins_at, self.ends_at = now - timedelta(hours=1), now + _CERTIFICATE_LIFE
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.begins_at)
            .not_valid_after(self.ends_at)
            .sign(key, SHA256())
        )
        self.key = key
        self.serial = f"{made.serial_number:040X}"
        self.pem = made.public_bytes(Encoding.PEM)
