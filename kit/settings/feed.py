"""The feed of readings, in batches over HTTP and as a stream."""

from pydantic import BaseModel, Field


class FeedSettings(BaseModel):
    """A part of `Settings`, which reads the variables."""

    feed_max_bytes: int = Field(default=64 * 2**20, ge=1024, description="Largest feed batch, after unpacking.")
    feed_max_line_bytes: int = Field(default=64 * 2**10, ge=256, description="Longest line of a feed batch.")
    feed_clock_skew_minutes: int = Field(default=15, ge=0, description="How far in the future a reading may end.")
    feed_max_kw: int = Field(default=100, ge=1, description="Average power above which a reading is implausible.")
    feed_shown_refusals: int = Field(default=20, ge=0, description="Refused rows that an intake answer shows.")
    feed_max_rows: int = Field(default=1_000_000, ge=1, description="Most rows of a feed batch.")
    feed_batches_at_once: int = Field(default=16, ge=1, description="Feed batches that a process takes at once.")
    feed_wait_seconds: float = Field(
        default=300, gt=0, description="How long the bytes of a feed batch are waited for altogether."
    )
    feed_requests_a_minute: int = Field(
        default=600, ge=0, description="Requests of a feed client a minute, over all processes; 0 for no limit."
    )
    feed_readings_a_minute: int = Field(
        default=0, ge=0, description="Readings of a feed client a minute, over all processes; 0 for no limit."
    )
    feed_key_days: int = Field(
        default=7, ge=1, le=366, description="Days for which a batch is remembered by its Idempotency-Key."
    )

    feed_stream: str = Field(default="feed:readings", min_length=1, description="Redis Stream of the feed.")
    feed_stream_group: str = Field(default="intake", min_length=1, description="Consumer group that stores it.")
    feed_stream_entry_bytes: int = Field(
        default=2**20, ge=1024, le=8 * 2**20, description="Largest entry of the stream, after unpacking."
    )
    feed_stream_batch_bytes: int = Field(
        default=4 * 2**20, ge=1024, description="Rows of the stream, unpacked, that are checked and stored together."
    )
    feed_stream_backlog_bytes: int = Field(
        default=24 * 2**20, ge=1024, description="The same at most, by and by, while a consumer is behind."
    )
    feed_stream_longest: int = Field(
        default=20_000, ge=1, description="Entries in the stream beyond which `gridhall feed publish` waits."
    )
    feed_stream_claim_seconds: float = Field(
        default=60, gt=0, description="Idle time after which the entries of a dead consumer are taken over."
    )
    feed_stream_tries: int = Field(
        default=5, ge=1, description="Deliveries after which an entry is tried alone; after twice as many, given up."
    )
    feed_stream_port: int | None = Field(
        default=None, ge=1024, le=65535, description="Port of a consumer's health and metrics on the loopback."
    )
