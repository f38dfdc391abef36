"""A case of irregular use (违约用电, 窃电 or a faulty meter): one open case a point at most."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from gridhall.kit.localdays import Days
from gridhall.metering.irregular.model import Evidence

CaseId = NewType("CaseId", UUID)

CASE: Final = "case"
"""What photos of a case are attached to."""


class State(StrEnum):
    """Where a case stands. The states `confirmed` and `dismissed` are final."""

    OPEN = "open"
    INSPECTING = "inspecting"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


UNDER_WAY = frozenset({State.OPEN, State.INSPECTING})


class Closing(StrEnum):
    """What was found on site."""

    THEFT = "theft"
    """窃电."""
    BREACH = "breach"
    """违约用电: use against the contract that is no theft."""
    FAULTY_METER = "faulty_meter"
    WRONG_WIRING = "wrong_wiring"
    VACANT = "vacant"
    CHANGED_USE = "changed_use"
    """People moved, a heater went, somebody is away: nothing is wrong."""
    DATA_ERROR = "data_error"
    OTHER = "other"


CONFIRMS = frozenset({Closing.THEFT, Closing.BREACH, Closing.FAULTY_METER, Closing.WRONG_WIRING, Closing.OTHER})
DISMISSES = frozenset({Closing.VACANT, Closing.CHANGED_USE, Closing.DATA_ERROR, Closing.OTHER})


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo from the site. id: of the blob."""

    id: UUID
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a case's history. by: name of a person, or `system`. what: an action, or `opened`, `evidence`."""

    at: datetime
    by: str
    what: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A suspicion that people look into.

    days: the window of curve that it rests on. revision: one more at every change; a change names the one it saw.
    owner: name of who has to see to it. inspector: who went to the site. quiet_until: of a dismissed case, how long
    the signals of its evidence are not believed at this point.
    """

    id: CaseId
    revision: int
    point_id: UUID
    region: str
    org_path: str
    district: str | None
    supply_class: str
    state: State
    score: float
    evidence: tuple[Evidence, ...]
    days: Days
    opened_at: datetime
    changed_at: datetime
    due_on: date
    owner: str | None = None
    inspector: str | None = None
    closing: Closing | None = None
    quiet_until: datetime | None = None
    photos: tuple[Photo, ...] = ()
    history: tuple[Entry, ...] = ()

    @property
    def under_way(self) -> bool:
        """Whether the case is not closed."""
        return self.state in UNDER_WAY
