"""Groups of similar homes in MongoDB, and how far the count of a region's month has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from bson import Decimal128
from pymongo import DeleteOne, ReplaceOne

from gridhall.kit.localdays import Month
from gridhall.kit.mongo import Document, Index, Mongo
from gridhall.metering.load.similar.model import Group, GroupFigures

SCHEMA = 1
_QUANTILES = ("efficient", "below", "median", "above", "top")

Counts = Mapping[str, Mapping[int, int]]
"""How many homes of each group (by its local name) lie in each bin."""


@dataclass(frozen=True, slots=True)
class Count:
    """A running count. after: the last point that is in it, None before the first. done: nothing is left to count."""

    region: str
    month: Month
    on: date
    after: UUID | None
    done: bool
    bins: Counts


class SimilarRepository:
    """Figures of groups by key, and one count a region and month. Every query is by `_id`. Shard key: `_id`."""

    collection_name = "similar_homes"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._groups = mongo[self.collection_name]
        self._counts = mongo["similar_homes_counts"]

    async def figures(self, group: Group) -> GroupFigures | None:
        """Return what is kept of a group."""
        found = await self._groups.find_one({"_id": group.key})
        if found is None:
            return None
        quantiles = {name: found[name].to_decimal() for name in _QUANTILES}
        return GroupFigures(group=group, homes=found["homes"], as_of=found["asOf"], **quantiles)

    async def put(self, figures: Sequence[GroupFigures], *, small: Sequence[Group]) -> None:
        """Write the figures of groups, and forget those of groups that have become too small."""
        writes: list[ReplaceOne[Document] | DeleteOne] = [
            ReplaceOne({"_id": one.group.key}, _document(one), upsert=True) for one in figures
        ]
        writes += [DeleteOne({"_id": group.key}) for group in small]
        await self._groups.bulk_write(writes, ordered=False)

    async def begin(self, *, region: str, month: Month, on: date) -> Count:
        """Return the count of a region's month of this day, as far as it has come; an older day's is begun anew."""
        key = f"{region}:{month}"
        found = await self._counts.find_one({"_id": key})
        if found is None or found["on"] < on.isoformat():
            found = {"_id": key, "schema": SCHEMA, "on": on.isoformat(), "after": None, "done": False, "bins": {}}
            await self._counts.replace_one({"_id": key}, found, upsert=True)
        return Count(
            region=region,
            month=month,
            on=date.fromisoformat(found["on"]),
            after=found["after"],
            done=found["done"],
            bins={name: {int(at): homes for at, homes in bins.items()} for name, bins in found["bins"].items()},
        )

    async def add(self, count: Count, *, bins: Counts, last: UUID) -> bool:
        """Add the homes of the points up to `last`, once: False where somebody else has added them meanwhile."""
        raised = {f"bins.{name}.{at}": homes for name, of_group in bins.items() for at, homes in of_group.items()}
        update: Document = {"$set": {"after": last}}
        if raised:
            update["$inc"] = raised
        known = {"_id": f"{count.region}:{count.month}", "on": count.on.isoformat(), "after": count.after}
        return (await self._counts.update_one(known, update)).matched_count == 1

    async def finish(self, count: Count) -> None:
        """Note that a count is complete; what small groups used is kept nowhere."""
        known = {"_id": f"{count.region}:{count.month}", "on": count.on.isoformat()}
        await self._counts.update_one(known, {"$set": {"done": True, "bins": {}}})


def _document(one: GroupFigures) -> Document:
    quantiles: dict[str, Decimal] = {name: getattr(one, name) for name in _QUANTILES}
    return {
        "_id": one.group.key,
        "schema": SCHEMA,
        "homes": one.homes,
        **{name: Decimal128(value) for name, value in quantiles.items()},
        "asOf": one.as_of,
    }
