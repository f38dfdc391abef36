"""Outcomes of checks in MongoDB: one document a channel and month of a point, found by `_id` alone."""

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from pymongo import UpdateOne

from gridhall.kit.mongo import Index, Mongo
from gridhall.metering.histories.keys import month_of
from gridhall.metering.vee.documents import SCHEMA, from_judged, to_judged
from gridhall.metering.vee.model import JudgedDay


class CheckRepository:
    """Outcomes by month, with the keys of `usage_months`. Shard key: `_id`, which begins with the point."""

    collection_name = "usage_checks"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._checks = mongo[self.collection_name]

    async def months(self, keys: Collection[bytes]) -> dict[bytes, dict[int, JudgedDay]]:
        """Return the judged days of months, by key and number of the day, in one round trip."""
        found = self._checks.find({"_id": {"$in": list(keys)}}, {"days": 1})
        return {
            document["_id"]: {
                int(number): to_judged(month_of(document["_id"]), int(number), entry)
                for number, entry in document["days"].items()
            }
            async for document in found
        }

    async def put(self, months: Mapping[bytes, Sequence[JudgedDay]]) -> None:
        """Write judged days into their months, in one round trip.

        Of two writers the later holds. Should it have judged an older state of a day, then that day lags behind
        again, and the next run judges it anew.
        """
        writes = [
            UpdateOne(
                {"_id": key},
                {"$set": {"schema": SCHEMA, **{f"days.{one.day.day}": from_judged(one) for one in days}}},
                upsert=True,
            )
            for key, days in months.items()
        ]
        if writes:
            await self._checks.bulk_write(writes, ordered=False)
