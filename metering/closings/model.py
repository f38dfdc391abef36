"""What a closed day was and what it is now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from gridhall.kit.outbox import Event
from gridhall.metering.channels import CHANNELS

CLOSED_DAY_CHANGED: Final = "metering.closed_day_changed"

CLOCKS_DIFFER: Final = timedelta(minutes=10)

_NAMESPACE: Final = UUID("3f0c9a5e-6d0b-5b0e-9c55-7f1a4c1f6d21")


class ChangeKind(StrEnum):
    """Which of the two truths of a day changed."""

    CURVE = "curve"
    REGISTER = "register"


@dataclass(frozen=True, slots=True)
class Closing:
    """Before which day a channel of a point is closed, and when that was last said."""

    until: date
    at: datetime


@dataclass(frozen=True, slots=True)
class ClosedDayChange:
    """A change of a day that may be closed.

    key: of the day. revision: the one that the change made. at: when it was made. before, after: what the day
    amounted to, or what the registers showed at its beginning, by period or register, as exact text; before is None
    where nothing was kept.
    """

    key: bytes
    kind: ChangeKind
    point_id: UUID
    channel: str
    day: date
    revision: int
    at: datetime
    before: Mapping[str, str] | None
    after: Mapping[str, str]

    def event(self) -> Event:
        """Return the event that tells of it; its id follows from the change, so it is told once however often."""
        return Event(
            kind=CLOSED_DAY_CHANGED,
            about=self.point_id,
            at=self.at,
            payload={
                "kind": self.kind,
                "point_id": str(self.point_id),
                "channel": self.channel,
                "day": self.day.isoformat(),
                "revision": self.revision,
                "before": dict(self.before) if self.before is not None else None,
                "after": dict(self.after),
            },
            id=uuid5(_NAMESPACE, f"{self.kind} {self.key.hex()} {self.revision}"),
        )


def is_closed(change: ClosedDayChange, closing: Closing) -> bool:
    """Tell whether a change comes after the closing of its day.

    Registers are read at midnight: the read that begins `until` is the one that closes the day before. A replay finds
    again what was corrected long before the closing, which knew it; clocks may differ by some minutes.
    """
    if change.kind is ChangeKind.REGISTER:
        return change.day <= closing.until and change.at >= closing.at - CLOCKS_DIFFER
    return change.day < closing.until


def closing_key(point_id: UUID, channel: str) -> bytes:
    """Return the key of a closing: what the keys of the point's days begin with."""
    return point_id.bytes + bytes([CHANNELS[channel]])


def closing_key_of(key: bytes) -> bytes:
    """Return the key of the closing that a day key falls under."""
    return key[:17]
