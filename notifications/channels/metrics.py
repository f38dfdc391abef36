"""What the channels count: attempts by outcome, and how long they took."""

from collections.abc import Awaitable

from prometheus_client import Counter, Histogram

from gridhall.notifications.channels.port import SendResult

ATTEMPTS = Counter("gridhall_delivery_attempts", "Attempts to send a message, by outcome.", ("channel", "state"))

SECONDS = Histogram(
    "gridhall_delivery_attempt_seconds",
    "Duration of an attempt to send a message.",
    ("channel",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


async def measured(attempt: Awaitable[SendResult], *, channel: str) -> SendResult:
    """Await an attempt, count its outcome and observe its duration."""
    with SECONDS.labels(channel).time():
        result = await attempt
    ATTEMPTS.labels(channel, result.state.value).inc()
    return result
