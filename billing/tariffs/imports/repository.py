"""Imported tariff versions in MongoDB: written once, never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from pymongo.errors import DuplicateKeyError

from gridhall.billing.tariffs.imports.reading import with_dates
from gridhall.billing.tariffs.model import Tariff
from gridhall.billing.tariffs.schema import TariffFile
from gridhall.kit.mongo import Document, Index, Mongo
from gridhall.metering.calendars.datafile import checked

SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class ImportedVersion:
    """A tariff with one version of it, as an operator's file said it. by: who imported it."""

    file: TariffFile
    by: str
    at: datetime

    @property
    def tariff(self) -> Tariff:
        """The tariff, with this version only."""
        return self.file.tariff()

    @property
    def id(self) -> str:
        """The name under which a bill keeps the version."""
        return self.tariff.versions[0].id


class TariffVersionRepository:
    """Imported versions. A few documents, so not sharded; `_id` is the version's name, so each is there once."""

    collection_name = "tariff_versions"
    indexes: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, mongo: Mongo) -> None:
        self._versions = mongo[self.collection_name]

    async def all(self) -> list[ImportedVersion]:
        """Return every version in the order of its name; there are some for each tariff that ever changed."""
        return [_unpack(document) async for document in self._versions.find().sort("_id")]

    async def add(self, version: ImportedVersion) -> bool:
        """Keep a version; False where its name is taken, whose content then stays as it is."""
        try:
            await self._versions.insert_one(_pack(version))
        except DuplicateKeyError:
            return False
        return True


def _pack(version: ImportedVersion) -> Document:
    tables = version.file.model_dump(mode="json", exclude_none=True)
    return {"_id": version.id, "schema": SCHEMA, "tariff": tables, "by": version.by, "at": version.at}


def _unpack(document: Document) -> ImportedVersion:
    name = document["_id"]
    file = checked(with_dates(document["tariff"], file=name), TariffFile, file=name)
    return ImportedVersion(file=file, by=document["by"], at=document["at"])
