"""The intake: one path for every delivery of readings, however it came and whatever it is written in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gridhall.kit.mongo import Mongo
from gridhall.metering.feed.door import Checked, Door
from gridhall.metering.feed.formats.registry import choose
from gridhall.metering.feed.lines import FeedTooLargeError
from gridhall.metering.feed.model import FeedSource, IntakeReport, Limits, ShownRefusal
from gridhall.metering.feed.quarantine import KeptRow, kept_rows
from gridhall.metering.feed.refusals import RefusedRow
from gridhall.metering.feed.repository import QuarantineRepository
from gridhall.metering.histories.operations import record
from gridhall.metering.histories.repository import HistoryRepository
from gridhall.metering.points.directory import Directory
from gridhall.metering.points.repository import PointRepository
from gridhall.metering.recorded import Recorded
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.registers.repository import RegisterRepository


@dataclass(frozen=True, slots=True)
class IntakeStores:
    """Where a delivery goes. One is kept for the life of the process, for the meters that its directory remembers."""

    directory: Directory
    histories: HistoryRepository
    registers: RegisterRepository
    quarantine: QuarantineRepository

    @classmethod
    def of(cls, mongo: Mongo) -> "IntakeStores":
        """Return the stores of a database."""
        return cls(
            directory=Directory(PointRepository(mongo)),
            histories=HistoryRepository(mongo),
            registers=RegisterRepository(mongo),
            quarantine=QuarantineRepository(mongo),
        )


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch of a delivery that is durable. last_line: its last. report: what became of all up to it."""

    last_line: int
    report: IntakeReport


Stored = Callable[[StoredBatch], Awaitable[None]]


async def take(
    *,
    chunks: AsyncIterator[bytes],
    format: str,
    source: FeedSource,
    stores: IntakeStores,
    limits: Limits,
    now: datetime,
    lines_before: int = 0,
    stored: Stored | None = None,
) -> IntakeReport:
    """Check and store a delivery, batch by batch; while one is stored the next is read.

    lines_before: how many lines of it were handed in before; they are counted with. stored: is told of every batch.

    What is reported is stored. The same delivery again changes nothing, so after any error it is simply sent again.
    Raises UnknownFormatError where `format` (`auto`, or a name) does not fit, FeedTooLargeError beyond
    `limits.max_bytes` or `limits.max_rows`, and ContendedError where other writers left no turn; batches before that
    are stored.
    """
    chosen, chunks = await choose(format, chunks, most=limits.max_bytes)
    door = Door(source=source, limits=limits, now=now)
    tally, came = _Tally(chosen.name, limits.shown_refusals), 0
    under_way = _UnderWay(tally, stored)
    try:
        async for rows in chosen.rows(chunks, limits=limits):
            came += rows.size
            if limits.max_rows is not None and came > limits.max_rows:
                raise FeedTooLargeError(limits.max_rows, of="rows")
            known = await stores.directory.find(rows.meter_numbers(), now=now)
            checked = door.check(rows, known=known)
            if lines_before:
                checked.refused = [replace(row, line=row.line + lines_before) for row in checked.refused]
            await under_way.finish()
            tally.refuse(checked.refused)
            kept = kept_rows(refused=checked.refused, source=source, format=chosen.name, now=now)
            under_way.begin(store(checked, kept=kept, stores=stores, now=now), upto=rows.last_line + lines_before)
    finally:
        await under_way.finish()
    return tally.report()


async def inspect(
    *,
    chunks: AsyncIterator[bytes],
    format: str,
    source: FeedSource,
    stores: IntakeStores,
    limits: Limits,
    now: datetime,
) -> list[RefusedRow]:
    """Return what `take` would refuse of a delivery, and store nothing. Raises what `take` raises of a delivery."""
    chosen, chunks = await choose(format, chunks, most=limits.max_bytes)
    door = Door(source=source, limits=limits, now=now)
    refused: list[RefusedRow] = []
    async for rows in chosen.rows(chunks, limits=limits):
        refused += door.check(rows, known=await stores.directory.find(rows.meter_numbers(), now=now)).refused
    return refused


async def store(checked: Checked, *, kept: Sequence[KeptRow], stores: IntakeStores, now: datetime) -> Recorded:
    """Store a checked batch and keep what was refused of it; once this returns, all of it is durable.

    Raises ContendedError where other writers left no turn; the same again stores what is missing.
    """
    recorded = Recorded(duplicate=checked.repeated)
    await stores.quarantine.keep(kept)
    for wave in checked.waves:
        recorded += await record(pieces=wave, histories=stores.histories, now=now)
    if checked.registers:
        recorded += await record_reads(reads=checked.registers, registers=stores.registers, now=now)
    return recorded


class _Tally:
    def __init__(self, format: str, shown: int) -> None:
        self.recorded = Recorded()
        self._format = format
        self._most_shown = shown
        self._refusals: list[ShownRefusal] = []
        self._quarantined = 0

    def refuse(self, rows: list[RefusedRow]) -> None:
        self._quarantined += sum(row.readings for row in rows)
        for row in rows[: self._most_shown - len(self._refusals)]:
            self._refusals.append(ShownRefusal(line=row.line, code=row.code, sentence=row.sentence))

    def report(self) -> IntakeReport:
        return IntakeReport(
            accepted=self.recorded.accepted,
            duplicate=self.recorded.duplicate,
            corrected=self.recorded.corrected,
            quarantined=self._quarantined,
            refusals=tuple(self._refusals),
            format=self._format,
        )


class _UnderWay:
    """The batch that is stored while the next one is read."""

    def __init__(self, tally: _Tally, stored: Stored | None) -> None:
        self._tally, self._stored = tally, stored
        self._storing: asyncio.Task[Recorded] | None = None
        self._upto = 0

    def begin(self, storing: Coroutine[None, None, Recorded], *, upto: int) -> None:
        self._storing, self._upto = asyncio.create_task(storing), upto

    async def finish(self) -> None:
        storing, self._storing = self._storing, None
        if storing is None:
            return
        self._tally.recorded += await storing
        if self._stored and self._upto:
            await self._stored(StoredBatch(self._upto, self._tally.report()))
