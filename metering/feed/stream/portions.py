"""Many entries stored as one: those of a client and format are checked together and written together.

A stream brings one reading of each of thousands of meters, a few hundred an entry. What a batch costs is mostly round
trips, so an entry must not be a batch.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gridhall.metering.feed.clients import Clients, FeedClient
from gridhall.metering.feed.door import Checked, Door
from gridhall.metering.feed.formats.registry import UnknownFormatError, choose
from gridhall.metering.feed.formats.rows import DeliveryRefusedError, Rows
from gridhall.metering.feed.intake import IntakeStores, store
from gridhall.metering.feed.lines import FeedTooLargeError
from gridhall.metering.feed.model import Limits
from gridhall.metering.feed.quarantine import KeptRow, kept_rows
from gridhall.metering.feed.stream.deadletters import Delivered, kept_entry, nobody
from gridhall.metering.feed.stream.entries import BadEntryError, Entry, EntryTooLargeError, read_entry
from gridhall.metering.feed.stream.lanes import all_of, in_lanes
from gridhall.metering.feed.stream.numbering import Numbering
from gridhall.metering.feed.stream.signers import Signers
from gridhall.metering.recorded import Recorded


@dataclass(slots=True)
class Portion:
    """Entries after the door. kept: what goes to quarantine, rows and whole entries."""

    ids: list[str] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)
    kept: list[KeptRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a portion, in readings."""

    recorded: Recorded
    refused: int


@dataclass(frozen=True, slots=True)
class _Opened:
    entry: Entry
    client: FeedClient
    rows: bytes


@dataclass(frozen=True, slots=True)
class _Place:
    entry: Entry
    format: str


class PortionIntake:
    """The intake behind the stream. entry_bytes: what an entry may hold at most."""

    def __init__(self, *, stores: IntakeStores, clients: Clients, limits: Limits, entry_bytes: int) -> None:
        self._stores, self._limits, self._entry_bytes = stores, limits, entry_bytes
        self._signers = Signers(clients)

    async def check(self, delivered: Sequence[Delivered], *, now: datetime) -> Portion:
        """Read entries and check their rows; nothing is stored. What cannot be read is kept as a whole."""
        portion = Portion([one.id for one in delivered])
        groups: dict[tuple[str, str], list[_Opened]] = {}
        for one in delivered:
            opened = await self._open(one, now=now)
            if isinstance(opened, KeptRow):
                portion.kept.append(opened)
            else:
                groups.setdefault((opened.client.name, opened.entry.format), []).append(opened)
        for together in groups.values():
            await self._check_group(portion, together, now=now)
        return portion

    async def store(self, portion: Portion, *, now: datetime) -> Stored:
        """Store a portion and keep what was refused; once this returns, its entries may be acknowledged."""
        await self._stores.quarantine.keep(portion.kept)
        recorded = Recorded()
        for checked in portion.checked:
            lanes = [store(lane, kept=(), stores=self._stores, now=now) for lane in in_lanes(checked)]
            for one in await all_of(lanes):
                recorded += one
        return Stored(recorded, sum(row.readings * row.seen for row in portion.kept))

    async def give_up(self, one: Delivered, *, reason: str, now: datetime) -> None:
        """Keep an entry in quarantine that cannot be stored, with the reason."""
        source, rows = nobody(one), one.body[: self._entry_bytes]
        try:
            entry = read_entry(one.id, one.fields)
            client = await self._signers.client_of(entry, now=now)
            if client is not None:
                source, rows = client.source(batch=entry.place), entry.rows(most=self._entry_bytes)
        except (BadEntryError, EntryTooLargeError):
            pass
        await self._stores.quarantine.keep(
            [kept_entry(rows, code="poison-entry", source=source, now=now, deliveries=one.deliveries, reason=reason)]
        )

    async def _open(self, one: Delivered, *, now: datetime) -> _Opened | KeptRow:
        source, beginning = nobody(one), one.body[: self._entry_bytes]
        try:
            entry = read_entry(one.id, one.fields)
            client = await self._signers.client_of(entry, now=now)
            if client is None:
                return kept_entry(beginning, code="unsigned-entry", source=source, now=now, name=entry.client)
            source = client.source(batch=entry.place)
            return _Opened(entry, client, entry.rows(most=self._entry_bytes))
        except BadEntryError as error:
            return kept_entry(beginning, code="bad-entry", source=source, now=now, reason=error)
        except EntryTooLargeError as error:
            return kept_entry(error.beginning, code="entry-too-large", source=source, now=now, most=error.most)

    async def _check_group(self, portion: Portion, group: Sequence[_Opened], *, now: datetime) -> None:
        client, numbering, together = group[-1].client, Numbering[_Place](), Rows()
        for one in group:
            try:
                chosen, chunks = await choose(one.entry.format, _whole(one.rows), most=self._entry_bytes)
                parts = [part async for part in chosen.rows(chunks, limits=self._limits)]
            except (UnknownFormatError, DeliveryRefusedError, FeedTooLargeError) as error:
                source = client.source(batch=one.entry.place)
                portion.kept.append(kept_entry(one.rows, code="bad-entry", source=source, now=now, reason=error))
                continue
            lines = max((part.last_line for part in parts), default=0)  # a zip has more of them than its bytes show
            numbering.begin(_Place(one.entry, chosen.name), lines=max(lines, 1))
            for part in parts:
                numbered = numbering.number_on(part)
                together.parts += numbered.parts
                together.refused += numbered.refused
        door = Door(source=client.source(batch=""), limits=self._limits, now=now)
        known = await self._stores.directory.find(together.meter_numbers(), now=now)
        checked = door.check(together, known=known)
        portion.checked.append(checked)
        for place, rows in numbering.by_origin(checked.refused):
            source = client.source(batch=place.entry.place)
            portion.kept += kept_rows(refused=rows, source=source, format=place.format, now=now)


async def _whole(rows: bytes) -> AsyncIterator[bytes]:
    yield rows
