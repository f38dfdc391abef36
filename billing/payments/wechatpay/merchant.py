r"""Who we are to WeChat Pay, and what we sign: `WECHATPAY2-SHA256-RSA2048`, an RSA signature over lines."""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"


@dataclass(frozen=True, slots=True)
class Merchant:
    """Our side of the contract.

    mchid: merchant number. appid: the mini-program that pays. serial: of our certificate, in hexadecimal. key: its
    private key. v3_key: the 32 bytes that seal what WeChat Pay sends.
    """

    mchid: str
    appid: str
    serial: str
    key: RSAPrivateKey
    v3_key: bytes

    def authorization(self, *, method: str, target: str, body: str, now: datetime) -> str:
        """Return the Authorization header of a request. target: path with query, as it is sent."""
        stamp, nonce = _stamp(now), secrets.token_hex(16)
        signature = self._signed(method, target, stamp, nonce, body)
        return (
            f'{SCHEME} mchid="{self.mchid}",nonce_str="{nonce}",signature="{signature}",'
            f'timestamp="{stamp}",serial_no="{self.serial}"'
        )

    def client_parameters(self, prepay_id: str, *, now: datetime) -> dict[str, str]:
        """Return what the mini-program hands to `wx.requestPayment`."""
        stamp, nonce, package = _stamp(now), secrets.token_hex(16), f"prepay_id={prepay_id}"
        return {
            "appId": self.appid,
            "timeStamp": stamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self._signed(self.appid, stamp, nonce, package),
        }

    def _signed(self, *lines: str) -> str:
        message = "".join(f"{line}\n" for line in lines)
        return b64encode(self.key.sign(message.encode(), PKCS1v15(), SHA256())).decode()


def _stamp(now: datetime) -> str:
    return str(int(now.timestamp()))
