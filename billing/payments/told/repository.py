"""Verified callbacks in MongoDB, as they came: the evidence of what a provider told."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

import orjson

from gridhall.kit.codec import FieldCodec
from gridhall.kit.mongo import Document, Index, Mongo

OF_NUMBER = Index("number", "first_at", name="of_number")
"""Serves `of_number`: what was told of one order or refund."""

_FIELD: Final = "payment.callback"
_MOST: Final = 50


class CallbackRepository:
    """Callbacks, sealed: they name the payer. Shard key: _id (provider and hash of the body)."""

    collection_name = "payment_callbacks"
    indexes: ClassVar[tuple[Index, ...]] = (OF_NUMBER,)

    def __init__(self, mongo: Mongo, codec: FieldCodec) -> None:
        self._callbacks = mongo[self.collection_name]
        self._codec = codec

    async def keep(self, *, provider: str, number: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Keep a callback; the same body again is counted."""
        content = orjson.dumps({"headers": dict(headers), "body": body.decode()}).decode()
        first: Document = {
            "schema": 1,
            "provider": provider,
            "number": number,
            "first_at": now,
            "sealed": self._codec.seal(content, field=_FIELD),
        }
        await self._callbacks.update_one(
            {"_id": f"{provider}:{hashlib.sha256(body).hexdigest()}"},
            {"$setOnInsert": first, "$set": {"last_at": now}, "$inc": {"times": 1}},
            upsert=True,
        )

    async def of_number(self, number: str) -> list[Mapping[str, Any]]:
        """Return what was told of an order or a refund: `headers`, `body`, `first_at`, `times`; the first ones."""
        cursor = self._callbacks.find({"number": number}).sort("first_at", 1).limit(_MOST)
        return [
            {
                **orjson.loads(self._codec.open(found["sealed"], field=_FIELD)),
                "first_at": found["first_at"],
                "times": found["times"],
            }
            async for found in cursor
        ]
