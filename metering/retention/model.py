"""What a run of retention did, and how far it came in a region."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Self
from uuid import UUID

from gridhall.kit.localdays import Month


@dataclass(slots=True)
class Counts:
    """days: of channels, with their older revisions counted apart. held: days that have to stay for now.

    files: archive files that were written. findings: months of outcomes of checks, and settled exceptions.
    Of a dry run, what would have been.
    """

    points: int = 0
    days: int = 0
    revisions: int = 0
    held: int = 0
    files: int = 0
    findings: int = 0

    def __iadd__(self, other: "Counts") -> Self:
        self.points += other.points
        self.days += other.days
        self.revisions += other.revisions
        self.held += other.held
        self.files += other.files
        self.findings += other.findings
        return self


@dataclass(frozen=True, slots=True)
class Progress:
    """How far retention came in a region: one document of `retention_regions`.

    pass_of: the month in which the pass began. after: the last point that is done, None at its beginning.
    finished: whether the pass came to its end. done: by class, the month before which nothing is left, or held of
    which the first is `held`. restored: months brought back from the archive, each with the day until it stays.
    """

    region: str
    pass_of: Month | None = None
    after: UUID | None = None
    finished: bool = False
    done: Mapping[str, Month] = field(default_factory=dict)
    held: Mapping[str, Month] = field(default_factory=dict)
    restored: Mapping[Month, date] = field(default_factory=dict)
