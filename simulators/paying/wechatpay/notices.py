"""Callbacks of WeChat Pay, true and forged."""

import base64
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from gridhall.kit.clock import Clock
from gridhall.kit.ids import new_id
from gridhall.simulators.paying.deliveries import Message
from gridhall.simulators.paying.keys import WechatPayKeys
from gridhall.simulators.paying.orders_to_fail import Forgery
from gridhall.simulators.paying.wechatpay.signing import headers, sealed
from gridhall.simulators.paying.wechatpay.views import local

Signer = Callable[[], tuple[RSAPrivateKey, str]]
"""The key that signs just now, and its serial."""


class Notices:
    """Makes the messages of one merchant."""

    def __init__(self, *, keys: WechatPayKeys, signer: Signer, clock: Clock) -> None:
        self._keys = keys
        self._signer = signer
        self._clock = clock
        self._stranger: RSAPrivateKey | None = None

    def message(self, url: str, event: str, told: Mapping[str, Any], forgery: Forgery | None) -> Message:
        """Return a callback, signed anew."""
        key, serial = self._signer()
        now = self._clock.now() - (timedelta(minutes=10) if forgery is Forgery.OLD_TIMESTAMP else timedelta())
        true = self._body(event, told)
        body = self._body(event, _changed(told, forgery), v3_key=self._v3_key(forgery))
        if forgery is Forgery.WRONG_KEY:
            key = self._stranger = self._stranger or generate_private_key(public_exponent=65537, key_size=2048)
        if forgery is Forgery.UNKNOWN_SERIAL:
            serial = secrets.token_hex(20).upper()
        signed = headers(key, serial, true if forgery is Forgery.REPLAYED_NONCE else body, now=now)
        match forgery:
            case Forgery.UNSIGNED:
                del signed["Wechatpay-Signature"]
            case Forgery.PROBE:
                signed["Wechatpay-Signature"] = (
                    "WECHATPAY/SIGNTEST/" + base64.b64encode(secrets.token_bytes(256)).decode()
                )
            case Forgery.ALTERED:
                body = body.replace('"event_type"', '"event_Type"', 1)
        return Message(url, {**signed, "Content-Type": "application/json"}, body.encode())

    def _body(self, event: str, told: Mapping[str, Any], *, v3_key: bytes | None = None) -> str:
        about = "refund" if event.startswith("REFUND") else "transaction"
        content = orjson.dumps(told)
        return orjson.dumps(
            {
                "id": str(new_id()),
                "create_time": local(self._clock.now()),
                "resource_type": "encrypt-resource",
                "event_type": event,
                "summary": event,
                "resource": {"original_type": about, **sealed(v3_key or self._keys.v3_key, content, about=about)},
            }
        ).decode()

    @staticmethod
    def _v3_key(forgery: Forgery | None) -> bytes | None:
        return secrets.token_hex(16).encode() if forgery is Forgery.ALTERED_AMOUNT else None


def _changed(told: Mapping[str, Any], forgery: Forgery | None) -> Mapping[str, Any]:
    match forgery:
        case Forgery.OTHER_MERCHANT:
            return {**told, "mchid": "1900009999"}
        case Forgery.OTHER_APP:
            return {**told, "appid": "wxsomebodyelse00"}
        case Forgery.ALTERED_AMOUNT | Forgery.REPLAYED_NONCE:
            return {**told, "amount": {**told["amount"], "total": 1}}
    return told
