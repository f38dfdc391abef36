"""The till: orders of both providers, what was paid and what was given back. Gone when the stand-in stops."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from gridhall.kit.clock import Clock
from gridhall.kit.ids import new_id
from gridhall.kit.money import Fen

Provider = Literal["wechatpay", "alipay"]
PREPAY_LIFE: Final = timedelta(hours=2)


@dataclass(slots=True)
class Refund:
    """Money on its way back. number: the merchant's (out_refund_no, out_request_no)."""

    number: str
    provider_number: str
    amount: Fen
    asked_at: datetime
    notify_url: str | None
    done_at: datetime | None = None
    failed: bool = False


@dataclass(slots=True)
class PayOrder:
    """One order of the merchant: what is to be paid, and what is known of its payment.

    payer: the openid, at WeChat Pay. is_notified: the merchant answered a callback as it should.
    """

    provider: Provider
    number: str
    total: Fen
    description: str
    notify_url: str
    ordered_at: datetime
    payer: str | None = None
    expires_at: datetime | None = None
    transaction_id: str | None = None
    paid_at: datetime | None = None
    closed_at: datetime | None = None
    is_notified: bool = False
    refunds: dict[str, Refund] = field(default_factory=dict)

    def same_as(self, other: "PayOrder") -> bool:
        """Say whether another order asks for the same."""
        return (self.total, self.description, self.notify_url, self.payer) == (
            other.total,
            other.description,
            other.notify_url,
            other.payer,
        )

    @property
    def refunded(self) -> Fen:
        """How much went back, or is on its way."""
        return Fen(sum(refund.amount for refund in self.refunds.values() if not refund.failed))


class Till:
    """All orders of the stand-ins."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._orders: dict[tuple[Provider, str], PayOrder] = {}
        self._prepays: dict[str, tuple[str, datetime]] = {}

    def place(self, order: PayOrder) -> PayOrder:
        """Take an order. Raises TakenError where the number is known with anything else."""
        known = self._orders.setdefault((order.provider, order.number), order)
        if not known.same_as(order):
            raise TakenError
        return known

    def find(self, provider: Provider, number: str) -> PayOrder | None:
        """Return an order; one past its time is closed."""
        order = self._orders.get((provider, number))
        now = self._clock.now()
        if order and order.expires_at and order.paid_at is None and order.closed_at is None and now >= order.expires_at:
            order.closed_at = order.expires_at
        return order

    def prepay(self, order: PayOrder) -> str:
        """Give out a prepay_id, good for two hours."""
        prepay_id = f"wx{secrets.token_hex(17)}"
        self._prepays[prepay_id] = (order.number, self._clock.now() + PREPAY_LIFE)
        return prepay_id

    def prepaid(self, prepay_id: str) -> PayOrder | None:
        """Return the order of a prepay_id that is still good."""
        number, ends_at = self._prepays.get(prepay_id, ("", self._clock.now()))
        return self.find("wechatpay", number) if self._clock.now() < ends_at else None

    def pay(self, order: PayOrder) -> bool:
        """Pay an order; False where it is paid or closed already."""
        if order.paid_at is not None or order.closed_at is not None:
            return False
        now = self._clock.now()
        order.transaction_id, order.paid_at = f"{now:%Y%m%d}{new_id().int % 10**20:020}", now
        return True

    def refund(self, order: PayOrder, *, number: str, amount: Fen, notify_url: str | None) -> Refund:
        """Take a refund; the same number is the same refund. Raises TakenError and NotEnoughError."""
        known = order.refunds.get(number)
        if known is not None:
            if known.amount != amount:
                raise TakenError
            return known
        if order.paid_at is None or order.refunded + amount > order.total:
            raise NotEnoughError
        made = Refund(number, f"50{new_id().int % 10**26:026}", amount, self._clock.now(), notify_url)
        order.refunds[number] = made
        return made

    def find_refund(self, provider: Provider, number: str) -> tuple[PayOrder, Refund] | None:
        """Return a refund by the merchant's number, and its order."""
        found = (order for order in self.orders(provider) if number in order.refunds)
        order = next(found, None)
        return (order, order.refunds[number]) if order else None

    def orders(self, provider: Provider | None = None) -> Iterator[PayOrder]:
        """Return the orders of a provider, or all."""
        for known, number in list(self._orders):
            order = self.find(known, number)
            if order is not None and provider in {None, known}:
                yield order


class TakenError(Exception):
    """The number was used for something else."""


class NotEnoughError(Exception):
    """The order was not paid, or not so much of it is left."""
