"""Reconciliations in MongoDB: one document a provider and day."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any, ClassVar

from gridhall.billing.reconciliation.model import Difference, Found, Reconciliation, ReconciliationId
from gridhall.kit.keyset import beyond
from gridhall.kit.money import Fen
from gridhall.kit.mongo import Document, Index, Mongo

NEWEST = Index("-day", "-_id", name="newest")
"""Serves `page`: reconciliations, the newest day first."""


class ReconciliationRepository:
    """Reconciliations. A few a day, so not sharded."""

    collection_name = "reconciliations"
    indexes: ClassVar[tuple[Index, ...]] = (NEWEST,)

    def __init__(self, mongo: Mongo) -> None:
        self._reconciliations = mongo[self.collection_name]

    async def put(self, one: Reconciliation) -> None:
        """Write what came of a day; done again it takes the place of the one before."""
        document = {"schema": 1, **asdict(one), "day": one.day.isoformat()}
        await self._reconciliations.replace_one({"_id": one.id}, document, upsert=True)

    async def load(self, one: ReconciliationId) -> Reconciliation | None:
        """Return what came of a provider's day."""
        found = await self._reconciliations.find_one({"_id": one})
        return _unpack(found) if found else None

    async def known(self, ids: Iterable[ReconciliationId]) -> set[ReconciliationId]:
        """Return those of the days that were reconciled."""
        found = self._reconciliations.find({"_id": {"$in": list(ids)}}, {"_id": 1})
        return {document["_id"] async for document in found}

    async def page(self, *, before: tuple[date, str] | None, limit: int) -> list[Reconciliation]:
        """Return reconciliations, the newest day first, those before a place."""
        query = beyond("day", before, falling=True)
        cursor = self._reconciliations.find(query).sort([("day", -1), ("_id", -1)]).limit(limit)
        return [_unpack(document) async for document in cursor]


def _unpack(document: Document) -> Reconciliation:
    values: dict[str, Any] = {name: document[name] for name in document if name not in {"_id", "schema"}}
    values["differences"] = tuple(
        Found(Difference(one["difference"]), one["number"], Fen(one["theirs"]), Fen(one["ours"]), one["region"])
        for one in values["differences"]
    )
    values |= {"day": date.fromisoformat(values["day"]), "theirs": Fen(values["theirs"]), "ours": Fen(values["ours"])}
    return Reconciliation(**values)
