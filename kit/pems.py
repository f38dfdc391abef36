"""RSA keys as the payment providers want them: PEM files, handed in by the deployment or made at first start."""

from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from gridhall.kit.secret import kept

_EXPONENT, _BITS = 65537, 2048


def made_key(folder: Path, name: str) -> RSAPrivateKey:
    """Return the RSA key kept under `name`, made at the first call and readable by the owner only."""
    return private_key(kept(folder, name, make=_new_pem), named=name)


@lru_cache(maxsize=8)
def private_key(pem: bytes, *, named: str) -> RSAPrivateKey:
    """Read an RSA private key; once, because checking its primes takes long.

    Raises BadKeyError that says what `named` must be.
    """
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise BadKeyError(f"{named}: only an RSA private key in PEM without a password is taken")
    return key


def public_key(pem: bytes, *, named: str) -> RSAPublicKey:
    """Read an RSA public key. Raises BadKeyError that says what `named` must be."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey):
        raise BadKeyError(f"{named}: only an RSA public key in PEM is taken")
    return key


def _new_pem() -> bytes:
    key = generate_private_key(public_exponent=_EXPONENT, key_size=_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class BadKeyError(RuntimeError):
    """A key that the deployment handed in is none; the text says what is taken."""
