"""Refused bills of suppliers in MongoDB, as they came, until they come right."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from pymongo import UpdateOne

from gridhall.billing.shadow.model import Refused, refusal_id
from gridhall.kit.mongo import Document, Index, Mongo

LONGEST_RAW: Final = 65_536
"""Characters kept of a refused bill."""

NEWEST = Index("-last_at", "-_id", name="newest")
"""Serves `newest`: what was refused last, on top."""

OF_NUMBER = Index("sender", "number", name="of_number")
"""Serves `settle`: what was refused of a bill that has come right."""


@dataclass(frozen=True, slots=True)
class KeptRefusal:
    """A refused bill, who sent it, when it first and last came, and how often."""

    refused: Refused
    sender: str
    first_at: datetime
    last_at: datetime
    times: int


class RefusedBillRepository:
    """Refused bills. The same row refused for the same reason is one."""

    collection_name = "refused_bills"
    indexes: ClassVar[tuple[Index, ...]] = (NEWEST, OF_NUMBER)

    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo[self.collection_name]

    async def keep(self, refused: Sequence[Refused], *, sender: str, now: datetime) -> None:
        """Keep refused bills; one that came before is counted once more."""
        if not refused:
            return
        await self._rows.bulk_write(
            [
                UpdateOne(
                    {"_id": refusal_id(sender, one)},
                    {
                        "$setOnInsert": {
                            "schema": 1,
                            "sender": sender,
                            "number": one.number,
                            "code": one.code,
                            "field": one.field,
                            "reason": one.reason,
                            "raw": one.raw[:LONGEST_RAW].encode(errors="replace").decode(),
                            "first_at": now,
                        },
                        "$set": {"line": one.line, "last_at": now},
                        "$inc": {"times": 1},
                    },
                    upsert=True,
                )
                for one in refused
            ],
            ordered=False,
        )

    async def settle(self, numbers: Collection[str], *, sender: str) -> None:
        """Forget what was refused of bills that were taken."""
        if numbers:
            await self._rows.delete_many({"sender": sender, "number": {"$in": list(numbers)}})

    async def newest(self, *, limit: int) -> list[KeptRefusal]:
        """Return refused bills, the last refused on top."""
        found = self._rows.find().sort([("last_at", -1), ("_id", -1)]).limit(limit)
        return [_unpack(document) async for document in found]


def _unpack(document: Document) -> KeptRefusal:
    return KeptRefusal(
        refused=Refused(
            line=document["line"],
            number=document["number"],
            code=document["code"],
            field=document["field"],
            reason=document["reason"],
            raw=document["raw"],
        ),
        sender=document["sender"],
        first_at=document["first_at"],
        last_at=document["last_at"],
        times=document["times"],
    )
