"""A customer's own read (自助抄表): proposed with a photo, good for a bill only once it is confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from gridhall.kit.localdays import day_start
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.quality import Quality
from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.registers.origin import How, Origin
from gridhall.metering.rounds.model import Expected
from gridhall.metering.rounds.plausibility import Finding, Judgement


class OwnState(StrEnum):
    """What became of a customer's own read."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class OwnRead:
    """A read by a customer. id: made by the app. day: the local day it stands for once it is confirmed.

    decided_by: id of an agent, or None where the history decided or nobody yet. reason: in the agent's words.
    """

    id: UUID
    point_id: UUID
    region: str
    org_path: str
    zone: str
    by: UUID
    meter: str
    shown: Mapping[str, str]
    counts: Mapping[str, int]
    taken_at: datetime
    day: date
    photos: tuple[UUID, ...]
    expected: Expected
    findings: tuple[Finding, ...]
    state: OwnState
    brought_at: datetime
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    reason: str | None = None

    def register_read(self) -> RegisterRead:
        """Return the read as the registers keep it: validated (ESPI 17) by the history, verified (18) by an agent."""
        return RegisterRead(
            point_id=self.point_id,
            channel=IMPORT_KWH,
            meter=self.expected.meter,
            day=self.day,
            at=day_start(self.day, self.zone),
            values=self.counts,
            scale=self.expected.scale,
            quality=Quality.VERIFIED if self.decided_by else Quality.VALIDATED,
            multiplier=self.expected.multiplier,
            origin=Origin(
                how=How.CUSTOMER,
                id=self.id,
                by=self.by,
                taken_at=self.taken_at,
                photos=self.photos,
                confirmed=self.reason,
            ),
        )


def first_state(judgement: Judgement, *, expected: Expected) -> OwnState:
    """Return what becomes of a read before any person looks at it. Pure.

    Refused where it is impossible. Confirmed where nothing stands against it and every register ran between the
    least and the most that the past makes likely. Everything else an agent decides, with the photo in sight.
    """
    if judgement.is_impossible:
        return OwnState.REFUSED
    seen = all((bounds := expected.bounds.get(one)) and bounds.from_past for one in expected.registers)
    return OwnState.CONFIRMED if seen and not judgement.findings else OwnState.PROPOSED
