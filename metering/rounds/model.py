"""Reading routes (抄表段), the worklists made of them, and what is to be read at every point."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from gridhall.kit.localdays import Month

MAX_POINTS: Final = 2000
"""Points of one route: more than one person walks in a day."""

READ_DAYS: Final = range(1, 29)
"""Days of the month (抄表例日) that every month has."""

_CODE = re.compile(r"[A-Za-z0-9-]{1,32}", re.ASCII)


class Cycle(StrEnum):
    """In which months a route is read."""

    MONTHLY = "monthly"
    ODD_MONTHS = "odd-months"
    EVEN_MONTHS = "even-months"


class Kind(StrEnum):
    """Why a worklist was made."""

    SCHEDULED = "scheduled"
    """The reading day of a route has come."""
    SILENT = "silent"
    """Meters that should have sent their reads and did not (补抄)."""
    ASKED = "asked"
    """Somebody doubts what is kept of a meter (补抄)."""


class State(StrEnum):
    """How far an entry is."""

    OPEN = "open"
    READ = "read"
    """A read stands for it."""
    NO_ACCESS = "no_access"
    """Somebody went and could not read."""
    REREAD = "reread"
    """It has to be read again (补抄): somebody asked, or what was brought was impossible."""
    NO_ESTIMATE = "no_estimate"
    """The list was closed without a read. Nothing is invented (估抄 is forbidden): the bill waits."""
    DONE = "done"
    """The list was closed with a read."""


class Obstacle(StrEnum):
    """Why a meter could not be read."""

    LOCKED = "locked"
    NOBODY_HOME = "nobody_home"
    DOG = "dog"
    DAMAGED = "damaged"
    DISPLAY_DARK = "display_dark"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Route:
    """A reading route: points in the order in which they are walked.

    day: of the month, on which it is read (抄表例日). reader: id of the agent who usually goes, None for nobody yet.
    """

    code: str
    name: str
    region: str
    org_path: str
    points: tuple[UUID, ...]
    day: int
    cycle: Cycle = Cycle.MONTHLY
    reader: UUID | None = None

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise BadRouteError(self.code[:40], "code", "must be 1 to 32 of A-Z, a-z, 0-9 and -")
        if self.day not in READ_DAYS:
            raise BadRouteError(self.code, "day", f"must be {READ_DAYS.start} to {READ_DAYS.stop - 1}")
        if len(self.points) > MAX_POINTS:
            raise BadRouteError(self.code, "points", f"must be at most {MAX_POINTS}")
        if len(set(self.points)) < len(self.points):
            raise BadRouteError(self.code, "points", "must not name a point twice")

    @property
    def id(self) -> str:
        """What names the route among those of all regions."""
        return f"{self.region}/{self.code}"

    def scheduled_in(self, month: Month) -> date | None:
        """Return the reading day of a month, None where the route is not read in it."""
        odd = month.number % 2 == 1
        if (self.cycle is Cycle.ODD_MONTHS and not odd) or (self.cycle is Cycle.EVEN_MONTHS and odd):
            return None
        return date(month.year, month.number, self.day)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a register may have run since the last read, in its counts.

    least, most: as in the past; beyond them a read is doubted. possible: what the meter can count at most.
    from_past: whether there was a past to tell the first two from; else they are 0 and what the capacity allows.
    """

    least: int
    most: int
    possible: int
    from_past: bool = False


@dataclass(frozen=True, slots=True)
class LastRead:
    """What a meter showed last, and when."""

    at: datetime
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a reader is to find at a point, frozen when the list is made, so that a phone and we judge alike.

    scale, digits: of the meter's registers. registers: those to be read. bounds: by register, none where there is no
    last read. place: degrees of latitude and longitude.
    """

    meter: str
    multiplier: int
    scale: int
    digits: int | None
    registers: tuple[str, ...]
    last: LastRead | None = None
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    place: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody asked that an entry be read again. by: id of the agent, None where it was asked elsewhere."""

    at: datetime
    by: UUID | None
    reason: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Somebody stood before a meter and could not read it. id: as the phone made it."""

    id: UUID
    by: UUID
    at: datetime
    obstacle: Obstacle
    note: str = ""
    photos: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A point on a worklist. Its state follows from its reads, marks and asks alone (see `settling`).

    position: in walking order, from 1. read_day: the day of the month for which reads near it stand. reader: whom the
    list was given to. stands: id of the read that stands. first_right: it was read once, and right (一次抄准).
    person: who read it, or else had to. spoke_again: a read came another way, so that nobody has to go: the meter has
    sent its own again, or the customer's was confirmed.
    """

    worklist: str
    point_id: UUID
    position: int
    kind: Kind
    region: str
    org_path: str
    zone: str
    day: date
    read_day: int
    expected: Expected
    reader: UUID | None = None
    state: State = State.OPEN
    asks: tuple[Ask, ...] = ()
    marks: tuple[Mark, ...] = ()
    stands: UUID | None = None
    first_right: bool = False
    person: UUID | None = None
    spoke_again: bool = False
    had_impossible: bool = False
    closed: bool = False
    revision: int = 1

    @property
    def id(self) -> str:
        """What names the entry among all."""
        return entry_id(self.worklist, self.point_id)


@dataclass(frozen=True, slots=True)
class Worklist:
    """What one person takes along (抄表计划): the points of a route on its day, or silent meters of a unit.

    version: grows with every change of an entry, so that a phone knows whether its copy is the newest.
    """

    id: str
    kind: Kind
    region: str
    org_path: str
    day: date
    made_at: datetime
    route: str | None = None
    reader: UUID | None = None
    version: int = 0
    closed: bool = False


def entry_id(worklist: str, point_id: UUID) -> str:
    """Return the id of a point's entry on a worklist."""
    return f"{worklist}#{point_id}"


class BadRouteError(ValueError):
    """A route that cannot be kept; the message names the route, the field and what is allowed."""

    def __init__(self, code: str, name: str, why: str) -> None:
        super().__init__(f"route {code}: {name} {why}")
