"""Re-reads (补抄) that were asked for outside of the rounds: a failed day, a bill that is questioned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from gridhall.kit.localdays import local_day
from gridhall.kit.outbox import Event
from gridhall.metering.rounds.expecting import places_of
from gridhall.metering.rounds.making import list_places
from gridhall.metering.rounds.model import Ask, Kind
from gridhall.metering.rounds.stores import Rounds

_LONGEST_REASON: Final = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A point that is to be read again, since when and why."""

    point_id: UUID
    at: datetime
    reason: str

    @classmethod
    def of(cls, event: Event) -> "Asked":
        """Read an event `metering.reread_asked`."""
        payload = event.payload
        return cls(UUID(str(payload["point_id"])), event.at, str(payload["reason"])[:_LONGEST_REASON])


async def list_asked(*, asked: Sequence[Asked], rounds: Rounds, now: datetime) -> None:
    """Put points on lists of the day on which each was asked for. Idempotent: a point is on a day's list once."""
    points = await rounds.points.by_ids({one.point_id for one in asked})
    for day in sorted({local_day(one.at, rounds.zone) for one in asked}):
        asks = {one.point_id: Ask(one.at, None, one.reason) for one in asked if local_day(one.at, rounds.zone) == day}
        found = [points[point_id] for point_id in asks if point_id in points]
        places = await places_of(points=found, day=day, rounds=rounds)
        await list_places(places=places, kind=Kind.ASKED, code="asked", day=day, rounds=rounds, now=now, asks=asks)
