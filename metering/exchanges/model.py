"""Meter exchange (换表): the old meter's closing registers, the new one's opening registers, at one moment.

Links of meters hold by whole local days, and a day has one meter. So the day of an exchange belongs to the new meter:
the old link ends as it begins. The two reads of the exchange stand for that midnight, with the real moment kept
beside; what the old meter counted between midnight and the exchange is in its closing read and so falls to the day
before. Nothing is lost and nothing is counted twice, whatever the period: both meters' registers differ by exactly
what they counted. The curve of the day is what came from both: the old meter's readings that arrived before the
exchange was entered stay, the new meter's are taken, and what is refused of either waits in quarantine.

The same meter with another multiplier (a new current transformer) is an exchange of the meter with itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gridhall.metering.points.model import Meter


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was done at a point. id: made by the desk, so that entering it twice is entering it once.

    closing: registers of the old meter, opening: those of the new one, as decimals. multiplier: of the new one here.
    """

    id: UUID
    point_id: UUID
    at: datetime
    old: str
    new: Meter
    multiplier: int
    closing: Mapping[str, str]
    opening: Mapping[str, str]
    by: UUID | None
    reason: str
    photos: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchanged:
    """An exchange that holds from a local day on. closing, opening: in counts of each meter's scale."""

    exchange: Exchange
    day: date
    region: str
    org_path: str
    closing: Mapping[str, int]
    opening: Mapping[str, int]
    entered_at: datetime
