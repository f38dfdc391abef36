"""Meter exchanges in MongoDB."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from gridhall.kit.localdays import Days
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of
from gridhall.metering.exchanges.model import Exchange, Exchanged
from gridhall.metering.points.model import Meter

SCHEMA: Final = 1

OF_POINT = Index("point", "day", "_id", name="of_point")
"""Serves `of_points`: the exchanges of many points over the same days."""

TO_REPLAY = Index("replayAt", name="to_replay", only={"replayAt": {"$type": "date"}})
"""Serves `to_replay`: exchanges whose refused readings are to be taken again. A query must say the type too."""


class ExchangeRepository:
    """Exchanges, each under the id that the desk gave it. Shard key: _id."""

    collection_name = "meter_exchanges"
    indexes: ClassVar[tuple[Index, ...]] = (OF_POINT, TO_REPLAY)

    def __init__(self, mongo: Mongo) -> None:
        self._exchanges = mongo[self.collection_name]

    async def load(self, exchange_id: UUID, *, transaction: Transaction | None = None) -> Exchanged | None:
        """Return an exchange."""
        found = await self._exchanges.find_one({"_id": exchange_id}, session=session_of(transaction))
        return _to_exchanged(found) if found else None

    async def add(self, done: Exchanged, *, transaction: Transaction) -> None:
        """Write an exchange, whose refused readings are to be taken again at once."""
        document = _from_exchanged(done) | {"replayAt": done.entered_at}
        await self._exchanges.insert_one(document, session=transaction.session)

    async def of_points(self, point_ids: Collection[UUID], *, days: Days) -> list[Exchanged]:
        """Return the exchanges of points on local days, by point and day."""
        between = {"$gte": days.start.isoformat(), "$lt": days.end.isoformat()}
        found = self._exchanges.find({"point": {"$in": list(point_ids)}, "day": between})
        return [_to_exchanged(one) async for one in found.sort([("point", 1), ("day", 1), ("_id", 1)])]

    async def to_replay(self, *, now: datetime, limit: int) -> list[Exchanged]:
        """Return exchanges whose refused readings are to be taken again now."""
        found = self._exchanges.find({"replayAt": {"$lte": now, "$type": "date"}}).sort("replayAt", 1).limit(limit)
        return [_to_exchanged(document) async for document in found]

    async def replayed(self, done: Exchanged, *, again_at: datetime | None) -> None:
        """Note that its readings were taken again, and when that is to be done once more."""
        change: Document = {"$set": {"replayAt": again_at}} if again_at else {"$unset": {"replayAt": ""}}
        await self._exchanges.update_one({"_id": done.exchange.id}, change)


def first_replay(done: Exchanged, *, now: datetime, caches: timedelta) -> datetime | None:
    """Return when to take refused readings once more: after every process has seen the exchange."""
    again = done.entered_at + caches
    return again if now < again else None


def _from_exchanged(done: Exchanged) -> Document:
    exchange, new = done.exchange, done.exchange.new
    return {
        "_id": exchange.id,
        "schema": SCHEMA,
        "point": exchange.point_id,
        "region": done.region,
        "orgPath": done.org_path,
        "at": exchange.at,
        "day": done.day.isoformat(),
        "old": exchange.old,
        "new": {
            "number": new.number,
            "scale": new.scale,
            "minutes": new.interval_minutes,
            "channels": sorted(new.channels),
            "digits": new.digits,
            "remote": new.remote,
        },
        "multiplier": exchange.multiplier,
        "closingShown": dict(exchange.closing),
        "openingShown": dict(exchange.opening),
        "closing": dict(done.closing),
        "opening": dict(done.opening),
        "by": exchange.by,
        "reason": exchange.reason,
        "photos": list(exchange.photos),
        "enteredAt": done.entered_at,
    }


def _to_exchanged(document: Document) -> Exchanged:
    new = document["new"]
    return Exchanged(
        exchange=Exchange(
            id=document["_id"],
            point_id=document["point"],
            at=document["at"],
            old=document["old"],
            new=Meter(
                number=new["number"],
                scale=new["scale"],
                interval_minutes=new["minutes"],
                channels=frozenset(new["channels"]),
                digits=new["digits"],
                remote=new["remote"],
            ),
            multiplier=document["multiplier"],
            closing=document["closingShown"],
            opening=document["openingShown"],
            by=document["by"],
            reason=document["reason"],
            photos=tuple(document["photos"]),
        ),
        day=date.fromisoformat(document["day"]),
        region=document["region"],
        org_path=document["orgPath"],
        closing=document["closing"],
        opening=document["opening"],
        entered_at=document["enteredAt"],
    )
