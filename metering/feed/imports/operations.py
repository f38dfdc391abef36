"""Importing a file of readings."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from gridhall.kit.clock import Clock
from gridhall.kit.ids import new_id
from gridhall.metering.feed.files import FileChunks
from gridhall.metering.feed.formats.registry import choose
from gridhall.metering.feed.formats.zipped import MAGIC
from gridhall.metering.feed.imports.model import Progress, added, fingerprint
from gridhall.metering.feed.imports.repository import ImportRepository
from gridhall.metering.feed.imports.tracking import HEADED, LineTrack
from gridhall.metering.feed.intake import IntakeStores, StoredBatch, take
from gridhall.metering.feed.model import FeedSource, IntakeReport, Limits

SOURCE = "file"
"""What the quarantine calls the client of a file."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file, both before and after it broke off. resumed_at: the line it went on behind, 0 of none."""

    report: IntakeReport
    resumed_at: int = 0


async def import_file(
    *,
    path: Path,
    format: str,
    stores: IntakeStores,
    imports: ImportRepository,
    limits: Limits,
    clock: Clock,
    from_start: bool = False,
    seen: Callable[[int], object] = lambda _: None,
) -> Imported:
    """Take a file. One of lines that broke off before goes on where it was, unless `from_start`.

    `seen` is told how many bytes on disk were read. Raises what `take` raises, and OSError, EOFError or zlib.error
    where the file cannot be read; what was read before that is stored.
    """
    with FileChunks(path) as file:
        beginning = file.beginning()
        name = format if beginning.startswith(MAGIC) else (await choose(format, _once(beginning)))[0].name
        if name not in HEADED or beginning.startswith(MAGIC):
            source = FeedSource(name=SOURCE, regions=None, batch=str(new_id()))
            chunks = file.read(seen=seen)
            return Imported(
                await take(chunks=chunks, format=format, source=source, stores=stores, limits=limits, now=clock.now())
            )
        begun = await _begin(path, name, imports, from_start=from_start)
        report = await _go_on(file, begun, stores=stores, imports=imports, limits=limits, clock=clock, seen=seen)
    await imports.forget(begun.id)
    return Imported(added(begun.report, report), resumed_at=begun.lines)


async def _begin(path: Path, format: str, imports: ImportRepository, *, from_start: bool) -> Progress:
    id_ = fingerprint(path, format=format)
    found = None if from_start else await imports.by_id(id_)
    return found or Progress(id_, batch=str(new_id()), format=format, lines=0, offset=0, report=IntakeReport())


async def _go_on(
    file: FileChunks,
    begun: Progress,
    *,
    stores: IntakeStores,
    imports: ImportRepository,
    limits: Limits,
    clock: Clock,
    seen: Callable[[int], object],
) -> IntakeReport:
    track = LineTrack(lines=begun.lines, offset=begun.offset)
    header = file.first_line() if begun.lines and HEADED[begun.format] else b""

    async def keep(stored: StoredBatch) -> None:
        lines, offset = track.place(stored.last_line)
        report = added(begun.report, stored.report)
        await imports.put(replace(begun, lines=lines, offset=offset, report=report), now=clock.now())

    return await take(
        chunks=_after(header, track.follow(file.read(seen=seen, offset=begun.offset))),
        format=begun.format,
        source=FeedSource(name=SOURCE, regions=None, batch=begun.batch),
        stores=stores,
        limits=limits,
        now=clock.now(),
        lines_before=begun.lines - bool(header),
        stored=keep,
    )


async def _after(header: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if header:
        yield header
    async for chunk in chunks:
        yield chunk


async def _once(chunk: bytes) -> AsyncIterator[bytes]:
    yield chunk
