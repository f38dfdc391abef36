"""Reads as a phone brings them back, and what was thought of each. None is ever dropped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from gridhall.kit.localdays import day_start
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.quality import Quality
from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.registers.origin import How, Origin, Position
from gridhall.metering.rounds.model import Entry
from gridhall.metering.rounds.plausibility import Finding


class Verdict(StrEnum):
    """What became of a read."""

    ACCEPTED = "accepted"
    WARNED = "warned"
    """It may be right: whoever read confirms it with a reason, by bringing it again."""
    REFUSED = "refused"
    """It cannot be right: the point is read again."""


@dataclass(frozen=True, slots=True)
class HandRead:
    """A read as it was brought. id: made by the phone. confirmed: why it is right although it looks wrong."""

    id: UUID
    worklist: str
    point_id: UUID
    meter: str
    values: Mapping[str, str]
    taken_at: datetime
    by: UUID
    position: Position | None = None
    photos: tuple[UUID, ...] = ()
    confirmed: str | None = None

    def says_the_same(self, other: "HandRead") -> bool:
        """Whether the other is this read again, confirmed or not."""
        return (self.worklist, self.point_id, self.meter, self.values, self.taken_at, self.by) == (
            other.worklist,
            other.point_id,
            other.meter,
            other.values,
            other.taken_at,
            other.by,
        )


@dataclass(frozen=True, slots=True)
class JudgedRead:
    """A read with what was found. day: the local day it stands for. asked: which re-read it answers."""

    read: HandRead
    verdict: Verdict
    findings: tuple[Finding, ...]
    counts: Mapping[str, int]
    day: date
    asked: int
    assigned: bool
    brought_at: datetime

    @property
    def origin(self) -> Origin:
        """Who read, how and when."""
        read = self.read
        return Origin(
            how=How.READER,
            id=read.id,
            by=read.by,
            taken_at=read.taken_at,
            photos=read.photos,
            position=read.position,
            asked=self.asked,
            assigned=self.assigned,
            confirmed=read.confirmed if self.findings else None,
        )

    def register_read(self, entry: Entry) -> RegisterRead:
        """Return the read as the registers keep it: verified (ESPI 18) where somebody confirmed a warning."""
        return RegisterRead(
            point_id=entry.point_id,
            channel=IMPORT_KWH,
            meter=entry.expected.meter,
            day=self.day,
            at=day_start(self.day, entry.zone),
            values=self.counts,
            scale=entry.expected.scale,
            quality=Quality.VERIFIED if self.findings else Quality.VALID,
            multiplier=entry.expected.multiplier,
            origin=self.origin,
        )
