"""Signatures as Alipay makes them and judges ours: RSA2 over pairs in the order of their names, or over a node."""

from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256


def pairs(parameters: Mapping[str, str], *, without: Collection[str]) -> bytes:
    """Return the bytes that a signature over parameters covers."""
    kept = {name: value for name, value in parameters.items() if name not in without and value != ""}
    return "&".join(f"{name}={kept[name]}" for name in sorted(kept)).encode()


def signature(key: RSAPrivateKey, message: bytes) -> str:
    """Return the signature of a message."""
    return b64encode(key.sign(message, PKCS1v15(), SHA256())).decode()


def is_merchant(key: RSAPublicKey, parameters: Mapping[str, str]) -> bool:
    """Say whether the merchant signed a request."""
    try:
        message = pairs(parameters, without=("sign",))
        key.verify(b64decode(parameters.get("sign", ""), validate=True), message, PKCS1v15(), SHA256())
    except (ValueError, InvalidSignature):
        return False
    return True
