"""What is counted of batches that come over HTTP."""

from typing import Final

from prometheus_client import Counter, Histogram

from gridhall.metering.feed.model import IntakeReport

READINGS: Final = Counter(
    "gridhall_feed_readings_total", "Readings of batches, by what became of them.", ["client", "format", "outcome"]
)
BATCHES: Final = Counter("gridhall_feed_batches_total", "Batches, by how they ended.", ["client", "outcome"])
SECONDS: Final = Histogram(
    "gridhall_feed_batch_seconds",
    "Time from the first byte of a batch until all of it is stored.",
    ["format"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300),
)


def count_taken(report: IntakeReport, *, client: str, seconds: float) -> None:
    """Count a batch that was taken; the names of clients are few, for every one was added by hand."""
    BATCHES.labels(client, "taken").inc()
    SECONDS.labels(report.format).observe(seconds)
    for outcome, readings in report.counts().items():
        READINGS.labels(client, report.format, outcome).inc(readings)


def count_ended(outcome: str, *, client: str) -> None:
    """Count a batch that was not taken: `replayed`, or the code of the problem."""
    BATCHES.labels(client, outcome).inc()
