"""Notices of Alipay, true and forged."""

from collections.abc import Mapping
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from gridhall.simulators.paying.alipay.signing import pairs, signature
from gridhall.simulators.paying.deliveries import Message
from gridhall.simulators.paying.keys import AlipayKeys
from gridhall.simulators.paying.orders_to_fail import Forgery

_NOT_OF_ALIPAY = frozenset({Forgery.OLD_TIMESTAMP, Forgery.PROBE, Forgery.UNKNOWN_SERIAL, Forgery.REPLAYED_NONCE})
"""Alipay signs no time, sends no probes, names no serial and no nonce: there is nothing of the kind to forge."""


class Notices:
    """Makes the messages of one application."""

    def __init__(self, *, keys: AlipayKeys) -> None:
        self._keys = keys
        self._stranger: RSAPrivateKey | None = None

    def message(self, url: str, told: Mapping[str, str], forgery: Forgery | None) -> Message | None:
        """Return a notice; None for a forgery that this protocol has no room for."""
        if forgery in _NOT_OF_ALIPAY:
            return None
        key, said = self._keys.gateway, dict(told)
        if forgery is Forgery.WRONG_KEY:
            key = self._stranger = self._stranger or generate_private_key(public_exponent=65537, key_size=2048)
        if forgery is Forgery.OTHER_MERCHANT:
            said["seller_id"] = "2088999999999999"
        if forgery is Forgery.OTHER_APP:
            said["app_id"] = "2021999999999999"
        said["sign"] = signature(key, pairs(said, without=("sign", "sign_type")))
        said["sign_type"] = "RSA2"
        match forgery:
            case Forgery.UNSIGNED:
                del said["sign"]
            case Forgery.ALTERED:
                said["subject"] += "!"
            case Forgery.ALTERED_AMOUNT:
                said["total_amount"] = "0.01"
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return Message(url, headers, urlencode(said).encode())
