"""Deliveries that were named by a key, with what became of them; they forget themselves."""

from dataclasses import asdict
from datetime import datetime
from typing import ClassVar

from gridhall.billing.shadow.model import Refused, Report
from gridhall.kit.mongo import Index, Mongo

EXPIRING = Index("expires_at", name="expiring", expire_seconds=0)
"""Serves MongoDB itself, which deletes deliveries whose time is over."""


class DeliveryRepository:
    """Deliveries by sender and key. Two at once do no harm: a number is taken once, whoever brings it."""

    collection_name = "bill_deliveries"
    indexes: ClassVar[tuple[Index, ...]] = (EXPIRING,)

    def __init__(self, mongo: Mongo) -> None:
        self._deliveries = mongo[self.collection_name]

    async def keep(self, *, sender: str, key: str, digest: bytes, report: Report, expires_at: datetime) -> None:
        """Keep what became of a delivery; the first that was kept stays."""
        answer = {**asdict(report), "refusals": [{**asdict(one), "raw": ""} for one in report.refusals]}
        await self._deliveries.update_one(
            {"_id": f"{sender}:{key}"},
            {"$setOnInsert": {"schema": 1, "digest": digest, "answer": answer, "expires_at": expires_at}},
            upsert=True,
        )

    async def kept(self, *, sender: str, key: str) -> tuple[bytes, Report] | None:
        """Return the digest of a delivery's body and what became of it."""
        found = await self._deliveries.find_one({"_id": f"{sender}:{key}"})
        if found is None:
            return None
        answer = {**found["answer"], "refusals": tuple(Refused(**one) for one in found["answer"]["refusals"])}
        return found["digest"], Report(**answer)
