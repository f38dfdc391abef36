"""Calls to an online provider: bounded in time, tried twice, and counted."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from time import monotonic
from typing import Final, Protocol

import httpx
from prometheus_client import Counter, Histogram

from gridhall.billing.payments.port import ProviderUnavailableError
from gridhall.kit.clock import Clock
from gridhall.kit.outside import send_bounded

CALLS = Counter("gridhall_payment_provider_calls", "Calls to online providers.", ("provider", "call", "outcome"))

SECONDS = Histogram(
    "gridhall_payment_provider_seconds",
    "Time that a call to an online provider took.",
    ("provider", "call"),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

_TRIES: Final = 2


class Noted(Protocol):
    """Is told of every question to a provider whether it was answered, all tries taken together."""

    async def __call__(self, provider: str, *, answered: bool, at: datetime) -> None:
        """Take note."""


async def call(
    *, http: httpx.AsyncClient, provider: str, name: str, request: Callable[[], httpx.Request]
) -> httpx.Response:
    """Send a request and return the answer, whatever it says.

    request: makes it anew for every try, as a signature has its own time and nonce. Every call of ours is idempotent by
    our own number, so a broken connection, a timeout, an answer that cannot be unpacked and a fault of the other side
    (5xx) are tried once more.
    Raises ProviderUnavailableError.
    """
    reason = ""
    for _ in range(_TRIES):
        began = monotonic()
        try:
            answer = await send_bounded(http, request())
            reason = f"status {answer.status_code}" if answer.is_server_error else ""
        except httpx.RequestError as error:
            reason = type(error).__name__
        SECONDS.labels(provider, name).observe(monotonic() - began)
        CALLS.labels(provider, name, "failed" if reason else "answered").inc()
        if not reason:
            return answer
    raise ProviderUnavailableError(reason)


@asynccontextmanager
async def noting(noted: Noted, provider: str, *, clock: Clock) -> AsyncIterator[None]:
    """Note whether what is asked within is answered.

    A no that the asker did not expect is no answer: it may be to us, whatever we ask, and then nobody can pay. Whether
    it is so comes out when the provider is asked about an order that is none.
    """
    try:
        yield
    except ProviderUnavailableError:
        await noted(provider, answered=False, at=clock.now())
        raise
    await noted(provider, answered=True, at=clock.now())
