"""How strong the signals are in a region, in MongoDB: one small document a region and class."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from pymongo import ReplaceOne

from gridhall.kit.mongo import Index, Mongo
from gridhall.metering.irregular.scoring import Norm

SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class RegionNorms:
    """The norms of a region. on: the day of the scan they were measured for. of: by class, then by signal."""

    on: date
    of: Mapping[str, Mapping[str, Norm]]


class NormRepository:
    """Norms of the signals. A few documents, so not sharded; found by `_id` alone."""

    collection_name = "irregular_norms"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._norms = mongo[self.collection_name]

    async def load(self, region: str) -> RegionNorms | None:
        """Return the norms of a region, None where they were never measured."""
        found = await self._norms.find_one({"_id": region})
        if found is None:
            return None
        of = {name: {code: Norm(*pair) for code, pair in norms.items()} for name, norms in found["classes"].items()}
        return RegionNorms(on=date.fromisoformat(found["on"]), of=of)

    async def put(self, region: str, norms: RegionNorms) -> None:
        """Keep the norms of a region in the place of the earlier ones."""
        classes = {
            name: {code: [norm.middle, norm.spread] for code, norm in of.items()} for name, of in norms.of.items()
        }
        document = {"_id": region, "schema": SCHEMA, "on": norms.on.isoformat(), "classes": classes}
        await self._norms.bulk_write([ReplaceOne({"_id": region}, document, upsert=True)])
