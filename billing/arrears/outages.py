"""When our payment channel was down: nobody pays a penalty for days on which we would not take the money."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar, Final

from gridhall.kit.localdays import Days, day_start, local_day
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of

_ONE_DAY: Final = timedelta(days=1)

BY_END = Index("ended_at", "began_at", name="by_end")
"""Serves `touching`: the outages of a span, those that last among them."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a payment channel took no money. ended_at: None while it lasts. by: who noted it.

    A channel has one outage at a time; key: the channel and when it began.
    """

    channel: str
    began_at: datetime
    ended_at: datetime | None
    by: str
    note: str = ""

    @property
    def key(self) -> str:
        """What tells it from every other."""
        return f"{self.channel}:{self.began_at.isoformat()}"

    def days(self, zone: str, *, until: date) -> Days:
        """Return the local days before `until` that it touched."""
        first = local_day(self.began_at, zone)
        last = local_day(self.ended_at, zone) + _ONE_DAY if self.ended_at else until
        return Days(first, max(first, min(last, until)))


class OutageRepository:
    """Outages. Shard key: _id; there are few."""

    collection_name = "payment_outages"
    indexes: ClassVar[tuple[Index, ...]] = (BY_END,)

    def __init__(self, mongo: Mongo) -> None:
        self._outages = mongo[self.collection_name]

    async def note(self, outage: Outage) -> None:
        """Write an outage, or how long it lasted. Idempotent by its key."""
        document = {
            "schema": 1,
            "channel": outage.channel,
            "began_at": outage.began_at,
            "ended_at": outage.ended_at,
            "by": outage.by,
            "note": outage.note,
        }
        await self._outages.update_one({"_id": outage.key}, {"$set": document}, upsert=True)

    async def touching(
        self, *, since: datetime, until: datetime, transaction: Transaction | None = None
    ) -> list[Outage]:
        """Return the outages that share an instant with a span, in the order they began."""
        query: Document = {"ended_at": None, "began_at": {"$lt": until}}
        ended: Document = {"ended_at": {"$gt": since}, "began_at": {"$lt": until}}
        found = [one async for one in self._outages.find({"$or": [query, ended]}, session=session_of(transaction))]
        return [
            Outage(one["channel"], one["began_at"], one["ended_at"], one["by"], one["note"])
            for one in sorted(found, key=lambda one: one["began_at"])
        ]


async def days_down(
    *, outages: OutageRepository, days: Days, zone: str, transaction: Transaction | None = None
) -> list[Days]:
    """Return the local days of a range on which a payment channel was down at any time."""
    if not len(days):
        return []
    found = await outages.touching(
        since=day_start(days.start, zone), until=day_start(days.end, zone), transaction=transaction
    )
    return [outage.days(zone, until=days.end) for outage in found]
