"""How the answers of a provider are taken, whichever it is: what every adapter reads and concludes alike."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from gridhall.billing.payments.port import (
    OnlineProvider,
    ProviderRefusedError,
    ProviderUnavailableError,
    RefundTold,
    StatementNotReadyError,
    Trade,
    TradeState,
)

ZONE: Final = ZoneInfo("Asia/Shanghai")
"""The zone by which both providers tell times without an offset, and make their statements."""

_READY_AT: Final = time(10)
"""Statements of a day are made until then on the next, as both providers say."""

Body = Mapping[str, Any]
Told = TypeVar("Told", Trade, RefundTold)


@dataclass(frozen=True, slots=True)
class Answer:
    """A verified answer. code: the provider's word for a no that the caller knows what to do with; else None."""

    body: Body
    code: str | None = None


def told_of(number: str, answer: Answer, read: Callable[[Body], Told]) -> Told:
    """Return what an answer tells of an order or a refund of ours.

    From what is not ours, cannot be read, or is about another number nothing is concluded: it is as no answer.
    Raises ProviderUnavailableError.
    """
    try:
        told = read(answer.body)
    except ValueError as error:
        raise ProviderUnavailableError(f"unreadable answer: {error}") from None
    if told.number != number:
        raise ProviderUnavailableError("the answer is about another number")
    return told


async def is_closed(provider: OnlineProvider, number: str, *, close: Awaitable[Answer]) -> bool:
    """Close an order and say that nobody can pay it any more.

    What a no means is not guessed from its code: the order is asked how it stands. One that its provider does not know
    was never opened, and ends by its own time. Raises ProviderUnavailableError.
    """
    try:
        await close
    except ProviderRefusedError:
        state = (await provider.query(number)).state
        if state is TradeState.WAITING:
            raise
        return state in {TradeState.CLOSED, TradeState.UNKNOWN}
    return True


def require_statement(day: date, *, now: datetime) -> None:
    """Require that the statement of a day can be there. Raises StatementNotReadyError."""
    if now < datetime.combine(day + timedelta(days=1), _READY_AT, ZONE):
        raise StatementNotReadyError


def said(value: object) -> str:
    """Return a number that a provider has to name. Raises ValueError where it names none."""
    if not isinstance(value, str) or not value:
        raise ValueError("a number of the provider's is missing")
    return value


class NotOursError(ValueError):
    """A verified message that is not about our money, or that cannot be read; the text says why."""
