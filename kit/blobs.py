"""Small files (photos) in MongoDB, each under an id made of who brought it and what it is.

A photo of a meter is some hundred kilobytes: one document, so it needs no GridFS. It belongs to whoever brought it
until it is attached to an object; from then on those who are in charge of that object may see it too.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from bson.binary import Binary
from pymongo.errors import DuplicateKeyError

from gridhall.kit.mongo import Document, Index, Mongo, Transaction, session_of

PHOTO_TYPES: Final = ("image/jpeg", "image/png", "image/webp", "image/heic")
"""What is taken for a photo; told by the file's first bytes, never by its name."""

UNATTACHED_FOR: Final = timedelta(days=30)
"""How long a file is kept that nobody attached: a phone may be without a network for weeks."""

_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """The object that a file belongs to, and where that lies. kind: for example `read` or `case`."""

    kind: str
    id: str
    region: str
    org_path: str


@dataclass(frozen=True, slots=True)
class Blob:
    """What is known of a file. sha256: of the content, in hex; the same for the same picture, whoever brings it."""

    id: UUID
    type: str
    size: int
    sha256: str
    by: UUID
    at: datetime
    attached: tuple[Attachment, ...] = ()


def photo_type(content: bytes) -> str | None:
    """Return the media type that the first bytes tell, one of PHOTO_TYPES; None for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return "image/heic"
    return None


UNATTACHED_OF = Index("by", "expires_at", name="unattached_of")
"""Serves the count of what somebody brought and attached to nothing."""

UNATTACHED_EXPIRE = Index("expires_at", name="unattached_expire", expire_seconds=0)
"""Drops files that were never attached; an attached one has no such field."""


class BlobRepository:
    """Small files. Shard key: _id."""

    collection_name = "blobs"
    indexes: ClassVar[tuple[Index, ...]] = (UNATTACHED_EXPIRE, UNATTACHED_OF)

    def __init__(self, mongo: Mongo) -> None:
        self._blobs = mongo[self.collection_name]

    async def put(self, content: bytes, *, by: UUID, now: datetime, most: int | None = None) -> Blob:
        """Keep a photo; the same one from the same person again is the one that is kept.

        most: photos of a person that are attached to nothing, None for any number. Raises NotAPhotoError, and
        TooManyBlobsError where there are as many.
        """
        kind = photo_type(content)
        if kind is None:
            raise NotAPhotoError
        id_ = UUID(bytes=hashlib.sha256(by.bytes + content).digest()[:16])
        blob = Blob(id_, kind, len(content), hashlib.sha256(content).hexdigest(), by, now)
        if most is not None and await self._unattached(by, most=most) >= most:
            kept = (await self.load([id_])).get(id_)
            if kept is None:
                raise TooManyBlobsError
            return kept
        try:
            await self._blobs.insert_one(
                {
                    "_id": blob.id,
                    "schema": 1,
                    "type": blob.type,
                    "size": blob.size,
                    "sha256": blob.sha256,
                    "by": blob.by,
                    "at": blob.at,
                    "attached": [],
                    "expires_at": now + UNATTACHED_FOR,
                    "content": Binary(content),
                }
            )
        except DuplicateKeyError:
            return (await self.load([blob.id])).get(blob.id, blob)
        return blob

    async def _unattached(self, by: UUID, *, most: int) -> int:
        return await self._blobs.count_documents({"by": by, "expires_at": {"$exists": True}}, limit=most)

    async def load(self, ids: Iterable[UUID]) -> dict[UUID, Blob]:
        """Return what is known of files by id; unknown ones are left out."""
        cursor = self._blobs.find({"_id": {"$in": list(ids)}}, {"content": 0})
        return {document["_id"]: _unpack(document) async for document in cursor}

    async def content(self, blob_id: UUID) -> bytes | None:
        """Return the bytes of a file."""
        found = await self._blobs.find_one({"_id": blob_id}, {"content": 1})
        return bytes(found["content"]) if found else None

    async def attach(
        self, ids: Collection[UUID], *, to: Attachment, by: UUID, transaction: Transaction | None = None
    ) -> None:
        """Attach files that `by` brought to an object; others' files are left alone. Idempotent."""
        if ids:
            await self._blobs.update_many(
                {"_id": {"$in": list(ids)}, "by": by},
                {"$addToSet": {"attached": _packed(to)}, "$unset": {"expires_at": ""}},
                session=session_of(transaction),
            )


def _packed(one: Attachment) -> Document:
    return {"kind": one.kind, "id": one.id, "region": one.region, "org_path": one.org_path}


def _unpack(document: Document) -> Blob:
    return Blob(
        id=document["_id"],
        type=document["type"],
        size=document["size"],
        sha256=document["sha256"],
        by=document["by"],
        at=document["at"],
        attached=tuple(Attachment(**one) for one in document["attached"]),
    )


class NotAPhotoError(ValueError):
    """A file whose first bytes are those of no photo."""

    def __init__(self) -> None:
        super().__init__(f"the file must be one of {', '.join(PHOTO_TYPES)}")


class TooManyBlobsError(Exception):
    """Somebody brought as many files as may lie about, attached to nothing."""

    def __init__(self) -> None:
        super().__init__("too many files are attached to nothing")
