"""Who read a register, how and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID


class How(StrEnum):
    """How a read came to be."""

    REMOTE = "remote"
    """The meter sent it (冻结示数)."""
    EXCHANGE = "exchange"
    """Written down when a meter was hung or taken down (换表)."""
    READER = "reader"
    """Somebody went and looked (现场抄表)."""
    CUSTOMER = "customer"
    """The customer looked (自助抄表), and a reader, an agent or the history confirmed it."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where somebody stood, in degrees (WGS 84); accuracy_m: how far off that may be."""

    lat: float
    lon: float
    accuracy_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Origin:
    """Who read, how and when.

    id: of the read as the phone or the desk gave it, None of a remote one. by: id of the person. taken_at: the real
    instant, where the midnight that the read stands for is another. asked: which re-read (补抄) it answers, 0 for
    none. assigned: by the person whom the list was given to. confirmed: why a read is right that was warned of or
    proposed, in the words of whoever confirmed it.
    """

    how: How
    id: UUID | None = None
    by: UUID | None = None
    taken_at: datetime | None = None
    photos: tuple[UUID, ...] = ()
    position: Position | None = None
    asked: int = 0
    assigned: bool = False
    confirmed: str | None = None

    @property
    def source(self) -> str:
        """What tells the reads of one meter and midnight apart: each way, and among people's reads each read."""
        return str(self.id) if self.how in PEOPLES else self.how


PEOPLES: Final = frozenset({How.READER, How.CUSTOMER})
REMOTE: Final = Origin(How.REMOTE)
