"""Documents of an old schema and how far their change has come, in MongoDB."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

from gridhall.kit.migrations.model import Added, SchemaStep
from gridhall.kit.mongo import Document, Index, Mongo, Transaction, is_duplicate

SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step has come: all documents up to `place` were looked at, and once all were, it is `done`."""

    place: Any = None
    done: bool = False
    changed: int = 0
    at: datetime | None = None


class ProgressRepository:
    """How far each step has come, one document a step."""

    collection_name = "migrations"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._progress = mongo[self.collection_name]

    async def load(self, step: SchemaStep) -> Progress:
        """Return how far a step has come."""
        found = await self._progress.find_one({"_id": step.name})
        if found is None:
            return Progress()
        return Progress(found.get("place"), found["done"], found["changed"], found["at"])

    async def start_over(self, step: SchemaStep) -> None:
        """Forget the place of a step that was through: what was written since in the old schema is behind it."""
        await self._progress.update_one(
            {"_id": step.name, "done": True}, {"$set": {"done": False}, "$unset": {"place": ""}}
        )

    async def came_to(self, step: SchemaStep, place: Any, *, changed: int, now: datetime) -> None:  # noqa: ANN401 - any `_id`
        """Note that all up to a place was looked at. A run that is behind another does not move it back."""
        await self._note(step, {"$max": {"place": place}, "$setOnInsert": {"done": False}}, changed, now)

    async def finish(self, step: SchemaStep, *, now: datetime) -> None:
        """Note that a step has come to the end of its collection."""
        await self._note(step, {"$set": {"done": True}}, 0, now)

    async def _note(self, step: SchemaStep, update: Document, changed: int, now: datetime) -> None:
        update["$set"] = {**update.get("$set", {}), "schema": SCHEMA, "at": now}
        update["$inc"] = {"changed": changed}
        try:
            await self._progress.update_one({"_id": step.name}, update, upsert=True)
        except DuplicateKeyError:  # another run has begun it in the same instant
            await self._progress.update_one({"_id": step.name}, update, upsert=True)


class OldDocuments:
    """The documents that a step has to change."""

    def __init__(self, mongo: Mongo, step: SchemaStep) -> None:
        self._mongo = mongo
        self._step = step
        self._documents = mongo[step.collection]

    async def count(self) -> int:
        """Count them, by a look at every document of the collection."""
        return await self._documents.count_documents({"schema": self._step.of})

    async def border(self, *, after: Any, size: int) -> Any | None:  # noqa: ANN401 - any `_id`
        """Return the last `_id` of the next `size` documents of any schema behind a place; None behind the last."""
        query: Document = {} if after is None else {"_id": {"$gt": after}}
        found = self._documents.find(query, {"_id": 1}).sort("_id", 1).limit(size)
        ids = [one["_id"] async for one in found]
        return ids[-1] if ids else None

    async def between(self, *, after: Any, last: Any) -> list[Document]:  # noqa: ANN401 - any `_id`
        """Return those behind a place and up to another."""
        ids: Document = {"$lte": last} if after is None else {"$gt": after, "$lte": last}
        found = self._documents.find({"_id": ids, "schema": self._step.of}).sort("_id", 1)
        return [document async for document in found]

    async def beside(self, documents: Sequence[Document]) -> dict[str, dict[Any, Document]]:
        """Return the documents of other collections that the step looks at, by collection and `_id`."""
        found: dict[str, dict[Any, Document]] = {}
        for collection, field in self._step.beside.items():
            wanted = list({document.get(field) for document in documents})
            cursor = self._mongo[collection].find({"_id": {"$in": wanted}})
            found[collection] = {one["_id"]: one async for one in cursor}
        return found

    async def write(self, changes: Collection[tuple[Document, Document]]) -> int:
        """Write new documents of old ones that are still as they were read; return how many.

        One whose unique key another document has is left as it is.
        """
        if not changes:
            return 0
        try:
            done = await self._documents.bulk_write([UpdateOne(*_update(*one)) for one in changes], ordered=False)
        except BulkWriteError as error:
            if error.details["writeConcernErrors"] or not is_duplicate(error):
                raise
            return int(error.details["nModified"])
        return done.modified_count

    async def write_with(self, old: Document, new: Document, added: Sequence[Added]) -> int:
        """Write a new document and what comes with it, all or nothing; return 1, or 0 as `write` does."""

        async def work(transaction: Transaction) -> int:
            session = transaction.session
            done = await self._documents.update_one(*_update(old, new), session=session)
            for collection, document in added if done.modified_count else ():
                key = {"_id": document["_id"]}
                if await self._mongo[collection].find_one(key, {"_id": 1}, session=session) is None:
                    await self._mongo[collection].insert_one(document, session=session)
            return done.modified_count

        try:
            return await self._mongo.transact(work)
        except PyMongoError as error:
            if not is_duplicate(error):
                raise
            return 0


def _update(old: Document, new: Document) -> tuple[Document, Document]:
    """Return the condition under which a document is changed, and the change.

    Live writers do not raise the schema of a document with every field that they set. So the condition is the whole
    document as it was read, and that nobody has set a field since that it did not have.
    """
    changes = {name: value for name, value in new.items() if name not in old or old[name] != value}
    condition: Document = {name: {"$eq": value} for name, value in old.items()}
    condition |= {name: {"$exists": False} for name in changes if name not in old}
    update: Document = {"$set": changes}
    if gone := [name for name in old if name not in new]:
        update["$unset"] = dict.fromkeys(gone, "")
    return condition, update
