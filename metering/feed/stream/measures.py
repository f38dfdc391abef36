"""What a consumer of the stream counts."""

from datetime import datetime
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from gridhall.metering.feed.stream.portions import Stored
from gridhall.metering.feed.stream.redis_stream import StreamStatus

READINGS: Final = Counter("gridhall_feed_stream_readings_total", "Readings of the stream, by outcome.", ["outcome"])
ENTRIES: Final = Counter("gridhall_feed_stream_entries_total", "Entries of the stream, by outcome.", ["outcome"])
TROUBLES: Final = Counter("gridhall_feed_stream_troubles_total", "Times that a server was away or in the way.")
SECONDS: Final = Histogram("gridhall_feed_stream_store_seconds", "Time that storing a portion took.")
LENGTH: Final = Gauge("gridhall_feed_stream_length", "Entries in the stream.")
LAG: Final = Gauge("gridhall_feed_stream_lag", "Entries that were delivered to nobody yet.")
PENDING: Final = Gauge("gridhall_feed_stream_pending", "Entries delivered and not yet acknowledged.")
OLDEST: Final = Gauge("gridhall_feed_stream_oldest_seconds", "Age of the oldest entry that is not acknowledged.")


def count_stored(stored: Stored, *, entries: int) -> None:
    """Count a portion that is stored."""
    ENTRIES.labels("stored").inc(entries)
    READINGS.labels("accepted").inc(stored.recorded.accepted)
    READINGS.labels("duplicate").inc(stored.recorded.duplicate)
    READINGS.labels("corrected").inc(stored.recorded.corrected)
    READINGS.labels("refused").inc(stored.refused)


def show(status: StreamStatus, *, now: datetime) -> None:
    """Show how far the group is."""
    LENGTH.set(status.length)
    LAG.set(float("nan") if status.lag is None else status.lag)
    PENDING.set(status.pending)
    OLDEST.set(oldest_seconds(status, now=now))


def oldest_seconds(status: StreamStatus, *, now: datetime) -> float:
    """Return for how long the oldest entry has waited, 0 where none waits: an id begins with the time it was made."""
    if status.oldest is None:
        return 0.0
    return max(0.0, now.timestamp() - int(status.oldest.partition("-")[0]) / 1000)
