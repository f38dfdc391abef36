"""The keys of a deployment: from the secret store, or made at first start in development."""

import base64
import binascii

from pydantic import SecretStr

from gridhall.kit.codec import FieldCodec
from gridhall.kit.secret import kept_bytes
from gridhall.kit.settings import Settings

_KEY_BYTES = 32


def field_codec(settings: Settings) -> FieldCodec:
    """Return the codec of personal fields. Raises MissingKeyError where production names no key."""
    return FieldCodec(_key(settings, settings.field_key, variable="GRIDHALL_FIELD_KEY", name="field.key"))


def token_seed(settings: Settings) -> bytes:
    """Return the 32 bytes of the key that signs access tokens. Raises MissingKeyError where production names none."""
    return _key(settings, settings.token_key, variable="GRIDHALL_TOKEN_KEY", name="access-token.ed25519")


def _key(settings: Settings, given: SecretStr | None, *, variable: str, name: str) -> bytes:
    if given is None and settings.environment != "production":
        return kept_bytes(settings.data_dir / "keys", name, length=_KEY_BYTES)
    try:
        key = base64.b64decode(given.get_secret_value() if given else "", validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        raise MissingKeyError(f"{variable} must be 32 bytes in base64")
    return key


class MissingKeyError(RuntimeError):
    """A key that the deployment has to hand in is not there, or is no key."""
