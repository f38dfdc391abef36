"""Through whom a customer pays online, and what the client needs to let the customer confirm."""

from collections.abc import Mapping
from enum import StrEnum

import strawberry

from gridhall.billing.payments.port import OnlineProvider
from gridhall.graphql.context import Info
from gridhall.graphql.errors import RefusedError


@strawberry.enum(
    description="An online payment provider: Alipay's page in the browser of a phone, or WeChat Pay inside our "
    "mini-program, for a customer who is linked to WeChat."
)
class PaymentProvider(StrEnum):
    """An online payment provider."""

    ALIPAY = "alipay"
    WECHAT_PAY = "wechatpay"


@strawberry.type(description="What the mini-program hands to `wx.requestPayment`, as it is.")
class WechatPayParameters:
    """What the mini-program hands to WeChat."""

    time_stamp: str
    nonce_str: str
    package: str
    sign_type: str
    pay_sign: str

    @classmethod
    def of(cls, client: Mapping[str, str] | None) -> "WechatPayParameters | None":
        """Present the parameters of a placed order."""
        if client is None:
            return None
        return cls(
            time_stamp=client["timeStamp"],
            nonce_str=client["nonceStr"],
            package=client["package"],
            sign_type=client["signType"],
            pay_sign=client["paySign"],
        )


def chosen(info: Info, provider: PaymentProvider) -> tuple[OnlineProvider, str | None]:
    """Return a provider and how it knows the caller, where it must. Raises RefusedError."""
    opened = info.context.hall.providers.get(provider.value)
    if opened is None:
        raise RefusedError("payments.unavailable")
    if provider is not PaymentProvider.WECHAT_PAY:
        return opened, None
    openid = info.context.signed_in().openid
    if openid is None:
        raise RefusedError("wechat.not_linked")
    return opened, openid
