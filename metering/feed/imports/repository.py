"""How far imports of files are, in MongoDB. One that was finished is forgotten, one that broke off after 30 days."""

from datetime import datetime
from typing import ClassVar, Final

from gridhall.kit.mongo import Document, Index, Mongo
from gridhall.metering.feed.imports.model import Progress
from gridhall.metering.feed.model import IntakeReport

SCHEMA: Final = 1
_KEPT_SECONDS: Final = 30 * 86_400

EXPIRING = Index("at", name="expiring", expire_seconds=_KEPT_SECONDS)
"""Serves MongoDB itself, which deletes what nobody has gone on with."""


class ImportRepository:
    """Imports that are under way. Shard key: `_id`, the fingerprint of the file."""

    collection_name = "feed_imports"
    indexes: ClassVar[tuple[Index, ...]] = (EXPIRING,)

    def __init__(self, mongo: Mongo) -> None:
        self._imports = mongo[self.collection_name]

    async def by_id(self, id: bytes) -> Progress | None:
        """Return how far the import of a file was when it broke off."""
        document = await self._imports.find_one({"_id": id})
        return _to_progress(document) if document else None

    async def put(self, progress: Progress, *, now: datetime) -> None:
        """Write how far an import is."""
        document = {
            "schema": SCHEMA,
            "batch": progress.batch,
            "format": progress.format,
            "lines": progress.lines,
            "offset": progress.offset,
            "report": progress.report.counts(),
            "at": now,
        }
        await self._imports.replace_one({"_id": progress.id}, document, upsert=True)

    async def forget(self, id: bytes) -> None:
        """Forget an import that was finished."""
        await self._imports.delete_one({"_id": id})


def _to_progress(document: Document) -> Progress:
    return Progress(
        id=document["_id"],
        batch=document["batch"],
        format=document["format"],
        lines=document["lines"],
        offset=document["offset"],
        report=IntakeReport(**document["report"]),
    )
