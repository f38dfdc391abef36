"""What it costs to keep a personal field unreadable, and to find it again."""

from bench.measuring import Measured, measured
from gridhall.kit.codec import FieldCodec

_FIELD = "customer.phone"


def run() -> list[Measured]:
    """Seal, open and tokenise a phone number."""
    codec = FieldCodec(bytes(32))
    sealed = codec.seal("13800000001", field=_FIELD)
    return [
        measured("seal a field", lambda: codec.seal("13800000001", field=_FIELD)),
        measured("open a field", lambda: codec.open(sealed, field=_FIELD)),
        measured("token of a field", lambda: codec.token("13800000001", field=_FIELD)),
    ]
