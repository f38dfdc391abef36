"""The key of the field codec: from the secret store, or made at first start in development."""

import base64

from gridhall.kit.codec import FieldCodec
from gridhall.kit.secret import kept_bytes
from gridhall.kit.settings import Settings

_KEY_BYTES = 32


def field_codec(settings: Settings) -> FieldCodec:
    """Return the codec of the deployment. Raises MissingKeyError where production names no key."""
    if settings.field_key is not None:
        key = base64.b64decode(settings.field_key.get_secret_value())
        if len(key) != _KEY_BYTES:
            raise MissingKeyError("GRIDHALL_FIELD_KEY must be 32 bytes in base64")
        return FieldCodec(key)
    if settings.environment == "production":
        raise MissingKeyError("GRIDHALL_FIELD_KEY must be set in production: 32 bytes in base64")
    return FieldCodec(kept_bytes(settings.data_dir / "keys", "field.key", length=_KEY_BYTES))


class MissingKeyError(RuntimeError):
    """A key that the deployment has to hand in is not there, or is no key."""
