"""What WeChat Pay seals for us: AES-256-GCM under the v3 key."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_ALGORITHM: Final = "AEAD_AES_256_GCM"


def opened(sealed: Mapping[str, Any], *, v3_key: bytes) -> bytes:
    """Return what a `resource` or an `encrypt_certificate` holds. Raises SealedWronglyError."""
    try:
        if sealed["algorithm"] != _ALGORITHM:
            raise SealedWronglyError
        return AESGCM(v3_key).decrypt(
            sealed["nonce"].encode(),
            b64decode(sealed["ciphertext"], validate=True),
            (sealed.get("associated_data") or "").encode(),
        )
    except (KeyError, TypeError, AttributeError, ValueError, InvalidTag):
        raise SealedWronglyError from None


class SealedWronglyError(ValueError):
    """Something that was not sealed with our v3 key, or was changed since."""

    def __init__(self) -> None:
        super().__init__("not sealed with our v3 key")
