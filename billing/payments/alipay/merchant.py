"""Who we are to Alipay, and RSA2: a signature over `name=value` pairs in the order of their names."""

from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

SIGN_TYPE: Final = "RSA2"


@dataclass(frozen=True, slots=True)
class Merchant:
    """Our side of the contract.

    app_id: our application. seller_id: the account (2088...) that is paid. key: ours. gateway_key: Alipay's public key
    for this application.
    """

    app_id: str
    seller_id: str
    key: RSAPrivateKey
    gateway_key: RSAPublicKey

    def signed(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Return the parameters of a request with our signature."""
        signature = self.key.sign(_pairs(parameters, without=("sign",)), PKCS1v15(), SHA256())
        return {**parameters, "sign": b64encode(signature).decode()}

    def require_notice(self, parameters: Mapping[str, str]) -> None:
        """Require that Alipay signed a notice, in which `sign_type` is not signed. Raises NotSignedError."""
        if parameters.get("sign_type") != SIGN_TYPE:
            raise NotSignedError("the signature is of another kind")
        self.require(_pairs(parameters, without=("sign", "sign_type")), parameters.get("sign", ""))

    def require(self, message: bytes, signature: str) -> None:
        """Require that Alipay signed a message. Raises NotSignedError."""
        try:
            self.gateway_key.verify(b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
        except (ValueError, InvalidSignature):
            raise NotSignedError("the signature is wrong") from None


def _pairs(parameters: Mapping[str, str], *, without: Collection[str]) -> bytes:
    """Return what is signed: empty values and the signature itself are not."""
    named = sorted((name, value) for name, value in parameters.items() if value and name not in without)
    return "&".join(f"{name}={value}" for name, value in named).encode()


class NotSignedError(ValueError):
    """Alipay did not say this; the text says why."""
