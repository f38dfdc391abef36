"""Our side at WeChat Pay and at Alipay."""

from pydantic import BaseModel, Field, SecretStr


class ProvidersSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

    wechatpay_url: str = Field(
        default="http://127.0.0.1:2580", description="Base URL of WeChat Pay's API v3 (https://api.mch.weixin.qq.com)."
    )
    wechatpay_mchid: str = Field(default="1900000001", description="Merchant number (商户号) at WeChat Pay.")
    wechatpay_serial: str = Field(
        default="44454D4F2D4D45524348414E542D43455254",
        description="Serial of our merchant certificate, in hexadecimal.",
    )
    wechatpay_key: SecretStr | None = Field(
        default=None, description="Private key of the merchant certificate, in PEM; made at first start in development."
    )
    wechatpay_v3_key: SecretStr | None = Field(
        default=None, description="The 32 characters of the API v3 key; made at first start in development."
    )
    wechatpay_public_key: str | None = Field(
        default=None, description="WeChat Pay's public key in PEM, for a merchant in public-key mode."
    )
    wechatpay_public_key_id: str | None = Field(default=None, description="Its id (PUB_KEY_ID_...).")
    wechatpay_certificates: bool = Field(
        default=True,
        description="Platform certificates are fetched and believed; with a public key as well, both are (a switch).",
    )
    alipay_url: str = Field(
        default="http://127.0.0.1:2580/gateway.do",
        description="Alipay's gateway (https://openapi.alipay.com/gateway.do).",
    )
    alipay_app_id: str = Field(default="2021000000000001", description="Our application at Alipay.")
    alipay_seller_id: str = Field(default="2088000000000001", description="The Alipay account (PID) that is paid.")
    alipay_key: SecretStr | None = Field(
        default=None, description="Private key (RSA2) of our application, in PEM; made at first start in development."
    )
    alipay_public_key: str | None = Field(
        default=None, description="Alipay's public key for our application, in PEM; the stand-in's in development."
    )
    alipay_return_url: str | None = Field(
        default=None, description="Where Alipay sends the customer's browser after a payment; nowhere where absent."
    )
