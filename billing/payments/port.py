"""The port to whoever takes a customer's money online."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from gridhall.kit.money import Fen


@dataclass(frozen=True, slots=True)
class Order:
    """What a provider is asked to collect.

    number: ours (out_trade_no). payer: how the provider knows who pays (an openid), where it has to be told.
    expires_at: after which the order is not to be paid any more.
    """

    number: str
    total: Fen
    description: str
    payer: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """How the customer confirms an order: at an address, or by the parameters that the app hands to the provider."""

    pay_url: str | None = None
    client: Mapping[str, str] | None = None


class TradeState(StrEnum):
    """Where an order or a refund stands at its provider."""

    WAITING = "waiting"
    PAID = "paid"
    CLOSED = "closed"
    REFUNDED = "refunded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The provider knows no such number (yet)."""

    @property
    def came(self) -> bool:
        """Whether money of the order came. What went back since had come before: the ledger holds both."""
        return self in {TradeState.PAID, TradeState.REFUNDED}


@dataclass(frozen=True, slots=True)
class Trade:
    """What a provider tells of an order, by a callback or when asked. provider_number: its own number of the money."""

    number: str
    state: TradeState
    total: Fen | None = None
    provider_number: str | None = None
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What a provider is asked to give back. number: ours (out_refund_no); the same number is the same refund."""

    number: str
    trade_number: str
    amount: Fen
    total: Fen
    reason: str


@dataclass(frozen=True, slots=True)
class RefundTold:
    """What a provider tells of a refund. Accepted (WAITING) is not succeeded (REFUNDED).

    amount: None where it tells only the sum of all refunds of the order.
    """

    number: str
    state: TradeState
    amount: Fen | None = None
    provider_number: str | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line of a provider's daily statement. amount: below zero for a refund."""

    trade_number: str
    provider_number: str
    amount: Fen
    at: datetime
    refund_number: str | None = None


class OnlineProvider(Protocol):
    """An online payment provider. Every call is bounded in time, counted, and may be made again."""

    name: str

    async def place(self, order: Order) -> Placed:
        """Place an order; the same order again gives the same.

        Raises ProviderUnavailableError where the provider cannot be reached or answers no.
        """

    async def query(self, number: str) -> Trade:
        """Return where an order stands. Raises ProviderUnavailableError."""

    async def close(self, number: str) -> bool:
        """Close an order and say that nobody can pay it any more; closed again it stays so.

        False where it was paid before: ask then. Raises ProviderUnavailableError.
        """

    async def refund(self, refund: RefundOrder) -> RefundTold:
        """Ask for money to be given back; the same number again is the same refund. Raises ProviderUnavailableError."""

    async def query_refund(self, number: str, *, trade_number: str) -> RefundTold:
        """Return where a refund of an order stands. Raises ProviderUnavailableError."""

    async def statement(self, day: date) -> Sequence[StatementLine]:
        """Return the lines of a local day. Raises StatementNotReadyError and ProviderUnavailableError."""

    async def read_callback(self, *, headers: Mapping[str, str], body: bytes, now: datetime) -> Trade | RefundTold:
        """Verify and read a callback.

        Raises ForgedCallbackError, and ProviderUnavailableError where it cannot be judged at this moment.
        """


class ProviderUnavailableError(Exception):
    """The provider did not take the request; it may be made again."""


class ProviderRefusedError(ProviderUnavailableError):
    """The provider answered no, and will until somebody mends what it names. code: the provider's own word for it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StatementNotReadyError(Exception):
    """The provider has not made the statement of that day yet."""


class BadStatementError(ProviderUnavailableError):
    """A statement that is cut off, changed on its way, or another merchant's; it may be fetched again."""


class ForgedCallbackError(ValueError):
    """A callback that the provider did not send, or not now, or not to us."""
