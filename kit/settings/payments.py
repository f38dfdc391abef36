"""What may be paid, and the providers that take the money."""

from typing import Literal

from pydantic import BaseModel, Field


class PaymentsSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

    pay_least_fen: int = Field(default=100, ge=1, description="Least part payment or top-up, in fen.")
    pay_order_ends_penalty: bool = Field(
        default=True,
        description="An online order that is paid before it expires counts for penalties on the day it was placed.",
    )
    payable_lookups_a_minute: int = Field(
        default=3, ge=1, description="Accounts that a customer may look up by number in a minute, to pay for others."
    )
    payable_lookups_an_hour: int = Field(default=10, ge=1, description="The same in an hour.")
    payable_lookups_a_day: int = Field(default=20, ge=1, description="The same in a day.")
    payable_lookups_in_all_an_hour: int = Field(
        default=3_000, ge=1, description="Accounts that all customers together may look up by number in an hour."
    )
    books_region: str = Field(
        default="zhejiang", description="Region whose accountants look into money of which no region is known."
    )
    pay_most_fen: int = Field(default=5_000_000, ge=100, description="Most that one account is paid ahead, in fen.")
    pay_outage_minutes: int = Field(
        default=5,
        ge=1,
        le=60,
        description="Minutes in a row in which no online provider answers that are an outage; less is a hiccup, after "
        "which a second try goes through.",
    )
    pay_asked_at_once: int = Field(
        default=10, ge=1, le=100, description="Started payments about which a worker asks providers at once."
    )
    pay_providers: tuple[Literal["wechatpay", "alipay"], ...] = Field(
        default=("wechatpay", "alipay"), description="Online providers that customers are offered, as a JSON list."
    )
