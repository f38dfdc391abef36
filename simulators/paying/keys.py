"""The contracts of one merchant with both providers: numbers and keys, made at first start and kept in a folder."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from gridhall.kit.pems import made_key
from gridhall.kit.secret import kept

APPID: Final = "wxdemo0000000000"
MCHID: Final = "1900000001"
SERIAL: Final = "44454D4F2D4D45524348414E542D43455254"
PUBLIC_KEY_ID: Final = "PUB_KEY_ID_0119000000012026000000000000000000"
APP_ID: Final = "2021000000000001"
SELLER_ID: Final = "2088000000000001"


@dataclass(frozen=True, slots=True)
class WechatPayKeys:
    """The contract with WeChat Pay.

    serial, merchant: our certificate's. platform: signs as a certificate of the platform, public: as the public key
    that newer merchants are given under `public_id`.
    """

    mchid: str
    appid: str
    serial: str
    merchant: RSAPublicKey
    v3_key: bytes
    platform: RSAPrivateKey
    public_id: str
    public: RSAPrivateKey


@dataclass(frozen=True, slots=True)
class AlipayKeys:
    """The contract with Alipay. merchant: our application's key. gateway: signs as Alipay does for this application."""

    app_id: str
    seller_id: str
    merchant: RSAPublicKey
    gateway: RSAPrivateKey


@dataclass(frozen=True, slots=True)
class PayKeys:
    """Both contracts."""

    wechatpay: WechatPayKeys
    alipay: AlipayKeys

    @classmethod
    def kept(
        cls,
        folder: Path,
        *,
        mchid: str = MCHID,
        appid: str = APPID,
        serial: str = SERIAL,
        app_id: str = APP_ID,
        seller_id: str = SELLER_ID,
    ) -> "PayKeys":
        """Return the contracts whose keys lie in a folder, made where they are not there yet."""
        return cls(
            WechatPayKeys(
                mchid=mchid,
                appid=appid,
                serial=serial,
                merchant=made_key(folder, "wechatpay-merchant.pem").public_key(),
                v3_key=kept(folder, "wechatpay-v3.key", make=lambda: secrets.token_hex(16).encode()),
                platform=made_key(folder, "wechatpay-platform.pem"),
                public_id=PUBLIC_KEY_ID,
                public=made_key(folder, "wechatpay-public.pem"),
            ),
            AlipayKeys(
                app_id=app_id,
                seller_id=seller_id,
                merchant=made_key(folder, "alipay-merchant.pem").public_key(),
                gateway=made_key(folder, "alipay-gateway.pem"),
            ),
        )
