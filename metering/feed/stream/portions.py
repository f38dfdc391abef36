"""Many entries stored as one: those of a client and format are checked together and written together.

A stream brings one reading of each of thousands of meters, a few hundred an entry. What a batch costs is mostly round
trips, so an entry must not be a batch.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
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
from gridhall.metering.feed.stream.lanes import by_lanes, in_loads
from gridhall.metering.feed.stream.signers import Signers
from gridhall.metering.points.model import KnownMeter
from gridhall.metering.recorded import Recorded


@dataclass(frozen=True, slots=True)
class _Read:
    """An entry as it was read. format: what it is written in, told by its beginning where it did not say so."""

    entry: Entry
    client: FeedClient
    format: str
    parts: list[Rows]
    size: int


@dataclass(slots=True)
class Portion:
    """Entries after the door. size: bytes of their rows. kept: what goes to quarantine, rows and whole entries.

    doors: one a client and format; what passed them waits there, so that more can be laid to it.
    """

    size: int = 0
    kept: list[KeptRow] = field(default_factory=list)
    doors: dict[tuple[str, str], Door] = field(default_factory=dict)
    checked: list[Checked] = field(default_factory=list)

    def close(self) -> None:
        """Take what waits behind the doors out of them; a second time changes nothing."""
        self.checked += [door.end_batch() for door in self.doors.values()]
        self.doors.clear()


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a portion, in readings."""

    recorded: Recorded
    refused: int


class PortionIntake:
    """The intake behind the stream. entry_bytes: what an entry may hold at most."""

    def __init__(self, *, stores: IntakeStores, clients: Clients, limits: Limits, entry_bytes: int) -> None:
        self._stores, self._limits, self._entry_bytes = stores, limits, entry_bytes
        self._signers = Signers(clients)

    async def take(self, portion: Portion, delivered: Sequence[Delivered], *, now: datetime) -> int:
        """Read entries, lay their rows to a portion as far as the door lets them, and return their bytes.

        Nothing is stored. What cannot be read is kept as a whole. Where a server is away, nothing is laid to it.
        """
        read = [await self._read(one, now=now) for one in delivered]
        legible = [one for one in read if isinstance(one, _Read)]
        numbers = {number for one in legible for part in one.parts for number in part.meter_numbers()}
        known = await self._stores.directory.find(numbers, now=now)
        portion.kept += [one for one in read if isinstance(one, KeptRow)]
        for one in legible:
            portion.kept += self._through_door(portion, one, known=known, now=now)
        size = sum(one.size if isinstance(one, _Read) else len(one.raw) for one in read)
        portion.size += size
        return size

    async def store(self, portion: Portion, *, now: datetime) -> Stored:
        """Store a portion and keep what was refused; once this returns, its entries may be acknowledged."""
        portion.close()
        await self._stores.quarantine.keep(portion.kept)
        recorded = Recorded()
        for checked in portion.checked:
            recorded += Recorded.of(
                await by_lanes(in_loads(checked), lambda load: store(load, kept=(), stores=self._stores, now=now))
            )
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

    async def _read(self, one: Delivered, *, now: datetime) -> _Read | KeptRow:
        source, beginning = nobody(one), one.body[: self._entry_bytes]
        try:
            entry = read_entry(one.id, one.fields)
            client = await self._signers.client_of(entry, now=now)
            if client is None:
                return kept_entry(beginning, code="unsigned-entry", source=source, now=now, name=entry.client)
            source = client.source(batch=entry.place)
            rows = beginning = entry.rows(most=self._entry_bytes)
            chosen, chunks = await choose(entry.format, _whole(rows), most=self._entry_bytes)
            parts = [part async for part in chosen.rows(chunks, limits=self._limits)]
            return _Read(entry, client, chosen.name, parts, len(rows))
        except EntryTooLargeError as error:
            return kept_entry(error.beginning, code="entry-too-large", source=source, now=now, most=error.most)
        except (BadEntryError, UnknownFormatError, DeliveryRefusedError, FeedTooLargeError) as error:
            return kept_entry(beginning, code="bad-entry", source=source, now=now, reason=error)

    def _through_door(
        self, portion: Portion, one: _Read, *, known: Mapping[str, KnownMeter], now: datetime
    ) -> list[KeptRow]:
        """Lay the rows of an entry to a portion; return what to keep of those that are refused."""
        door = portion.doors.get((one.client.name, one.format))
        if door is None:
            door = Door(source=one.client.source(batch=""), limits=self._limits, now=now)
            portion.doors[one.client.name, one.format] = door
        refused = [row for part in one.parts for row in door.take(part, known=known)]
        return kept_rows(refused=refused, source=one.client.source(batch=one.entry.place), format=one.format, now=now)


async def _whole(rows: bytes) -> AsyncIterator[bytes]:
    yield rows
