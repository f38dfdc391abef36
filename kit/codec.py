"""Personal data at rest: fields encrypted with AES-256-GCM, found again by keyed-hash tokens.

What the tokens leak is stated in docs/adr/0004.
"""

import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_NONCE_BYTES = 12
_TOKEN_BYTES = 16


class FieldCodec:
    """Encrypts single fields and makes the tokens by which they are found.

    `key` is 32 bytes; the encryption key and the token key are derived from it and differ.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(hmac.digest(key, b"gridhall field encryption", sha256))
        self._token_key = hmac.digest(key, b"gridhall blind index", sha256)

    def seal(self, text: str, *, field: str) -> bytes:
        """Encrypt `text`, bound to the name of its field, so that it cannot be moved to another."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), field.encode())

    def open(self, sealed: bytes, *, field: str) -> str:
        """Decrypt what `seal` made for the same field. Raises SealedFieldError where it was not."""
        if sealed[:1] != _VERSION:
            raise SealedFieldError(field)
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, field.encode()).decode()
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise SealedFieldError(field) from None

    def token(self, text: str, *, field: str) -> bytes:
        """Return the 16-byte token under which an exact value of a field is found."""
        message = field.encode() + b"\x00" + text.encode()
        return hmac.digest(self._token_key, message, sha256)[:_TOKEN_BYTES]


class SealedFieldError(Exception):
    """A sealed field was made with another key, for another field, or is damaged."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the field {field} cannot be decrypted with this key")
