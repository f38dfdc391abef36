"""One-time codes in MongoDB."""

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from gridhall.crm.codes.model import Code, Purpose
from gridhall.kit.codec import FieldCodec
from gridhall.kit.mongo import Document, Index, Mongo, Transaction

NEWEST_OF_PHONE = Index("phone_token", "purpose", "about", "-_id", name="newest_of_phone")
"""Serves `try_newest`: only the last code that was sent counts."""

EXPIRE = Index("expires_at", name="expire", expire_seconds=3600)
"""Codes are gone an hour after they ended."""

QUOTA_EXPIRE = Index("until", name="quota_expire", expire_seconds=0)


class CodeRepository:
    """Codes. Shard key: (phone_token). The digits are sealed, for the message that carries them."""

    collection_name = "one_time_codes"
    indexes: ClassVar[tuple[Index, ...]] = (NEWEST_OF_PHONE, EXPIRE)

    def __init__(self, mongo: Mongo, codec: FieldCodec) -> None:
        self._codes = mongo[self.collection_name]
        self._codec = codec

    async def add(self, code: Code, *, transaction: Transaction) -> None:
        """Write a code."""
        await self._codes.insert_one(
            {
                "_id": code.id,
                "schema": 1,
                "purpose": code.purpose,
                "phone_token": self._codec.token(code.phone, field="code.phone"),
                "phone": self._codec.seal(code.phone, field="code.phone"),
                "about": code.about,
                "digits": self._codec.seal(code.digits, field="code.digits"),
                "asked_at": code.asked_at,
                "expires_at": code.expires_at,
                "attempts": 0,
                "used_at": None,
            },
            session=transaction.session,
        )

    async def load(self, code_id: UUID) -> Code | None:
        """Return a code, for the message that carries it."""
        found = await self._codes.find_one({"_id": code_id})
        return self._unpack(found) if found else None

    async def try_newest(self, *, purpose: Purpose, phone: str, about: str, now: datetime) -> Code | None:
        """Count one attempt on the newest code and return it as it stands after that; None where it cannot prove.

        A newest code that was used or ended gives no older one its worth back.
        """
        found = await self._codes.find_one_and_update(
            {
                "phone_token": self._codec.token(phone, field="code.phone"),
                "purpose": purpose,
                "about": about,
            },
            {"$inc": {"attempts": 1}},
            sort=[("_id", -1)],
            return_document=ReturnDocument.AFTER,
        )
        if found is None or found["used_at"] is not None or found["expires_at"] <= now:
            return None
        return self._unpack(found)

    async def use(self, code_id: UUID, *, now: datetime) -> bool:
        """Use a code up; False where another request was faster."""
        result = await self._codes.update_one({"_id": code_id, "used_at": None}, {"$set": {"used_at": now}})
        return result.modified_count == 1

    def _unpack(self, document: Document) -> Code:
        return Code(
            id=document["_id"],
            purpose=Purpose(document["purpose"]),
            phone=self._codec.open(document["phone"], field="code.phone"),
            about=document["about"],
            digits=self._codec.open(document["digits"], field="code.digits"),
            asked_at=document["asked_at"],
            expires_at=document["expires_at"],
            attempts=document["attempts"],
        )


class QuotaRepository:
    """When codes were asked for, one small document a phone, an asker or an hour. Shard key: _id (the token)."""

    collection_name = "code_quotas"
    indexes: ClassVar[tuple[Index, ...]] = (QUOTA_EXPIRE,)

    def __init__(self, mongo: Mongo, codec: FieldCodec) -> None:
        self._quotas = mongo[self.collection_name]
        self._codec = codec

    async def asked(self, who: str) -> tuple[list[datetime], int]:
        """Return when codes were asked for, and the revision to hand to `note`."""
        found = await self._quotas.find_one({"_id": self._token(who)})
        return (list(found["asked"]), int(found["revision"])) if found else ([], 0)

    async def note(self, who: str, *, asked: list[datetime], revision: int, now: datetime) -> bool:
        """Write the new list; False where another request wrote it meanwhile, which then counts."""
        document = {"asked": asked, "revision": revision + 1, "until": now + timedelta(days=1)}
        try:
            result = await self._quotas.replace_one(
                {"_id": self._token(who), "revision": revision}, document, upsert=revision == 0
            )
        except DuplicateKeyError:
            return False
        return result.modified_count == 1 or result.upserted_id is not None

    async def count(self, what: str, *, now: datetime) -> int:
        """Count one more of what anybody does in this hour of the clock; return how many that makes."""
        update = {"$inc": {"count": 1}, "$setOnInsert": {"until": now + timedelta(days=1)}}
        while True:
            try:
                found: Document | None = await self._quotas.find_one_and_update(
                    {"_id": self._token(f"{what}@{now:%Y%m%d%H}")},
                    update,
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:
                continue  # another request began the hour; now there is a document to count in
            return int(found["count"]) if found else 1

    def _token(self, who: str) -> bytes:
        return self._codec.token(who, field="code.quota")
