"""Who feeds, how much it may feed, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from gridhall.kit.settings import Settings

NETWORK_BATCH_BYTES: Final = 2**20
FILE_BATCH_BYTES: Final = 4 * 2**20


@dataclass(frozen=True, slots=True)
class FeedSource:
    """Who hands readings in.

    name: the feed client, or what an operator calls the file. regions: those whose meters it may write, None for
    all. batch: id of this delivery, kept with every row that is refused. org_paths: the organisations whose points it
    may write, each with all below it; none for every one.
    """

    name: str
    regions: frozenset[str] | None
    batch: str
    org_paths: frozenset[str] = frozenset()

    def may_write(self, org_path: str) -> bool:
        """Say whether points of an organisation lie within the scope."""
        return not self.org_paths or any(f"{org_path}/".startswith(f"{path}/") for path in self.org_paths)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken at most.

    max_bytes: of the whole delivery after unpacking, None for a file on our own disk. max_line_bytes: of a row.
    clock_skew_minutes: how far in the future a reading may end. max_kw: average power beyond which a reading of a
    meter, before its multiplier, is implausible. shown_refusals: refused rows named in the report.
    batch_bytes: rows that are checked and stored together; memory grows with it and not with the delivery.
    max_rows: of the whole delivery, None for any number.
    kept_months: full months for which the detail of a supply class is kept; readings before are refused.
    local_times: a start without an offset is local time where the meter hangs; it is chosen, never guessed.
    """

    max_bytes: int | None
    max_line_bytes: int
    clock_skew_minutes: int
    max_kw: int
    shown_refusals: int
    batch_bytes: int = NETWORK_BATCH_BYTES
    max_rows: int | None = None
    kept_months: Mapping[str, int] = field(default_factory=dict)
    local_times: bool = False

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the limits of a delivery over the network."""
        return cls(
            max_bytes=settings.feed_max_bytes,
            max_line_bytes=settings.feed_max_line_bytes,
            clock_skew_minutes=settings.feed_clock_skew_minutes,
            max_kw=settings.feed_max_kw,
            shown_refusals=settings.feed_shown_refusals,
            max_rows=settings.feed_max_rows,
            kept_months=settings.retention_months,
        )

    def for_file(self) -> "Limits":
        """Return the same for a file on our own disk: of any size, and in larger batches, which store faster."""
        return replace(self, max_bytes=None, max_rows=None, batch_bytes=FILE_BATCH_BYTES)

    def with_local_times(self) -> "Limits":
        """Return the same for a delivery whose sender writes local times."""
        return replace(self, local_times=True)

    def with_restored(self) -> "Limits":
        """Return the same for days that were brought back from the archive, which an operator answers for."""
        return replace(self, kept_months={})


@dataclass(frozen=True, slots=True)
class ShownRefusal:
    """One refused row as the report names it."""

    line: int
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What became of a delivery, in readings: a meter-day row counts one a slot with a value, a register row one.

    accepted: new. duplicate: said nothing new, or estimated what is measured. corrected: took the place of another
    value, whose revision is kept. quarantined: refused, with their rows kept. refusals: the first of those.
    format: what it was read as.
    """

    accepted: int = 0
    duplicate: int = 0
    corrected: int = 0
    quarantined: int = 0
    refusals: tuple[ShownRefusal, ...] = ()
    format: str = ""

    @property
    def readings(self) -> int:
        """How many readings were handed in."""
        return self.accepted + self.duplicate + self.corrected + self.quarantined

    def counts(self) -> dict[str, int]:
        """Return the four counts by name."""
        return {
            "accepted": self.accepted,
            "duplicate": self.duplicate,
            "corrected": self.corrected,
            "quarantined": self.quarantined,
        }
