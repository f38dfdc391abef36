"""Calls to an online provider: bounded in time, tried twice, and counted."""

from collections.abc import Callable
from time import monotonic
from typing import Final

import httpx
from prometheus_client import Counter, Histogram

from gridhall.billing.payments.port import ProviderUnavailableError

CALLS = Counter("gridhall_payment_provider_calls", "Calls to online providers.", ("provider", "call", "outcome"))

SECONDS = Histogram(
    "gridhall_payment_provider_seconds",
    "Time that a call to an online provider took.",
    ("provider", "call"),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

_TRIES: Final = 2


async def call(
    *, http: httpx.AsyncClient, provider: str, name: str, request: Callable[[], httpx.Request]
) -> httpx.Response:
    """Send a request and return the answer, whatever it says.

    request: makes it anew for every try, as a signature has its own time and nonce. Every call of ours is idempotent by
    our own number, so a broken connection, a timeout and a fault of the other side (5xx) are tried once more.
    Raises ProviderUnavailableError.
    """
    reason = ""
    for _ in range(_TRIES):
        began = monotonic()
        try:
            answer = await http.send(request())
            reason = f"status {answer.status_code}" if answer.is_server_error else ""
        except httpx.TransportError as error:
            reason = type(error).__name__
        SECONDS.labels(provider, name).observe(monotonic() - began)
        CALLS.labels(provider, name, "failed" if reason else "answered").inc()
        if not reason:
            return answer
    raise ProviderUnavailableError(reason)
