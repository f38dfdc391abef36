"""Importing a tariff: new versions are added behind those that are there, and nothing that is there changes."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from gridhall.billing.regions import UnknownRegionError, region
from gridhall.billing.tariffs import catalogue
from gridhall.billing.tariffs.imports.repository import ImportedVersion, TariffVersionRepository
from gridhall.billing.tariffs.model import Tariff, TariffVersion
from gridhall.billing.tariffs.schema import TariffFile
from gridhall.metering.calendars.datafile import RuleFileError

log = logging.getLogger(__name__)

_GOODBYE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Imported:
    """The names of the versions that were added, of those that were there before, and of the one that was closed."""

    added: tuple[str, ...]
    known: tuple[str, ...]
    closed: str | None


async def import_tariff(
    *, file: TariffFile, named: str, versions: TariffVersionRepository, by: str, now: datetime
) -> Imported:
    """Add the versions of a tariff that are not known yet. Idempotent: a second import adds nothing.

    A version is never changed, not even closed: it ends where the next begins. named: the file, for errors.
    Raises RuleFileError that names the field where the region is not served or another one's, or where a version
    says something else than the one of its name, or does not begin behind the newest.
    """
    await refresh(versions=versions)
    _check(file, named)
    before = {one.id for one in _there(file, named)}
    added: list[str] = []
    for number, said in enumerate(file.tariff().versions):
        one = ImportedVersion(file=file.model_copy(update={"versions": [file.versions[number]]}), by=by, at=now)
        if said.id not in before and await versions.add(one):
            added.append(said.id)
    await refresh(versions=versions)
    _check(file, named)  # of two imports at once, the other may have been first with a name
    there = [one.id for one in _there(file, named)]
    return Imported(
        added=tuple(added),
        known=tuple(one.id for one in file.tariff().versions if one.id not in added),
        closed=next((old for old, new in pairwise(there) if added and new == added[0]), None),
    )


async def refresh(*, versions: TariffVersionRepository) -> None:
    """Let the catalogue of this process know every imported version."""
    catalogue.adopt([one.tariff for one in await versions.all()])


@asynccontextmanager
async def kept_fresh(*, versions: TariffVersionRepository, every_seconds: float) -> AsyncIterator[None]:
    """Refresh the catalogue now and then again and again, so that what another process imported is known here too."""
    closing = asyncio.Event()

    async def again() -> None:
        while not await _came(closing, within=every_seconds):
            try:
                await refresh(versions=versions)
            except Exception:
                log.exception("imported tariffs could not be read; those known so far stay")

    await refresh(versions=versions)
    task = asyncio.create_task(again())
    try:
        yield
    finally:
        closing.set()  # and no cancellation, which a driver may lose in the middle of a question
        await asyncio.wait([task], timeout=_GOODBYE_SECONDS)
        task.cancel()


async def _came(event: asyncio.Event, *, within: float) -> bool:
    """Wait for an event, not longer than so many seconds, and say whether it came."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), within)
    return event.is_set()


def _there(file: TariffFile, named: str) -> tuple[TariffVersion, ...]:
    """Return the versions of the tariff that are known."""
    try:
        region(file.region)
    except UnknownRegionError as error:
        raise RuleFileError(named, "", str(error)) from None
    try:
        found: Tariff = catalogue.tariff(file.code)
    except catalogue.UnknownTariffError:
        return ()
    if found.region != file.region:
        raise RuleFileError(named, "region", f"{file.code} is a tariff of {found.region}; give another code")
    return found.versions


def _check(file: TariffFile, named: str) -> None:
    """Refuse a file of which a version differs from the known one, or is new and not behind all that are known."""
    there = _there(file, named)
    known = {one.id: one for one in there}
    said = file.tariff().versions
    for number, one in enumerate(said):
        where = f"{named}: versions.{number}"
        if one.id in known:
            ends = said[number + 1].effective_from if number + 1 < len(said) else None
            _refuse_other(known[one.id], one, ends=ends, where=where)
        else:
            _refuse_earlier(there, one, where=where)


def _refuse_other(known: TariffVersion, said: TariffVersion, *, ends: date | None, where: str) -> None:
    if replace(known, effective_to=None) != replace(said, effective_to=None):
        raise RuleFileError(
            where, "", f"{said.id} is there and says something else; it is never changed, give a later effective_from"
        )
    if said.effective_to not in {None, known.effective_to, ends}:
        raise RuleFileError(
            where, "effective_to", f"{said.id} is there without it; it ends where a later version begins"
        )


def _refuse_earlier(there: tuple[TariffVersion, ...], said: TariffVersion, *, where: str) -> None:
    if not there:
        return
    newest = there[-1]
    if said.effective_from <= newest.effective_from or said.effective_from < (newest.effective_to or date.min):
        after = newest.effective_to or newest.effective_from
        raise RuleFileError(
            where, "effective_from", f"{said.effective_from} must be later than {after}, of {newest.id}"
        )
