"""`gridhall feed import` and `gridhall feed formats`."""

import asyncio
import gzip
import sys
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, errors, print_json, refuse, report, table
from gridhall.metering.feed.formats.registry import AUTO, FORMATS, UnknownFormatError
from gridhall.metering.feed.formats.rows import DeliveryRefusedError, Format
from gridhall.metering.feed.imports.model import added
from gridhall.metering.feed.imports.operations import Imported
from gridhall.metering.feed.imports.operations import import_file as take_file
from gridhall.metering.feed.lines import FeedTooLargeError
from gridhall.metering.feed.model import IntakeReport, Limits
from gridhall.metering.services import Metering, open_metering


def about(one: Format) -> str:
    """Return what a format says of itself: the columns or fields that it has."""
    text = sys.modules[type(one).__module__].__doc__ or ""
    return " ".join(text.partition("\n\n")[0].split())


COLUMNS = "\n\n".join(f"{name}: {about(one)}" for name, one in FORMATS.items())


def formats(*, as_json: AsJson = False) -> None:
    """List the formats of the feed with their columns."""
    rows = [(name, about(one)) for name, one in FORMATS.items()]
    if as_json:
        print_json(dict(rows))
    else:
        table("Formats", ("--format", "what it is"), rows)


def import_files(
    *,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", exists=True, readable=True, help="Files, packed as .gz or .zip or not; folders of them."
        ),
    ],
    format_name: Annotated[
        str, typer.Option("--format", help=f"{AUTO} (by the file's beginning), {', '.join(FORMATS)}.")
    ] = AUTO,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Do not go on where an import of the same file broke off.")
    ] = False,
    restored: Annotated[
        bool,
        typer.Option("--restored", help="Take days past their retention too: after `gridhall retention restore` only."),
    ] = False,
    local_times: Annotated[
        bool,
        typer.Option("--local-times", help="A start without an offset is local time where the meter hangs."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import files of readings. One that broke off goes on where it was; the same file again changes nothing."""
    files = list(_files(paths))
    if not files:
        raise refuse("no file: the folders are empty")
    found = asyncio.run(_import(files, format_name, from_start=from_start, restored=restored, local_times=local_times))
    total = IntakeReport()
    for one in found.values():
        total = added(total, one.report)
    if found:
        title = f"Readings of {files[0].name}" if len(files) == 1 else f"Readings of {len(found)} files"
        report(total.counts(), json=as_json, title=title)
    for sentence in (refusal.sentence for one in found.values() for refusal in one.report.refusals):
        errors.print(sentence, markup=False, highlight=False, soft_wrap=True)
    if len(found) < len(files):
        raise typer.Exit(2)


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith("."))
        else:
            yield path


async def _import(
    files: list[Path], format_name: str, *, from_start: bool, restored: bool, local_times: bool
) -> dict[Path, Imported]:
    """Import one file after the other; one that cannot be taken is told and does not stop the others."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    found: dict[Path, Imported] = {}
    async with open_metering() as metering:
        limits = metering.limits.for_file()
        limits = limits.with_restored() if restored else limits
        limits = limits.with_local_times() if local_times else limits
        with Progress(*columns, console=errors, transient=True) as progress:
            for file in files:
                try:
                    found[file] = await _one(
                        metering, file, format_name, progress, limits=limits, from_start=from_start
                    )
                except (
                    UnknownFormatError,
                    FeedTooLargeError,
                    DeliveryRefusedError,
                    OSError,
                    EOFError,
                    zlib.error,
                ) as no:
                    refuse(_why(file, no))
    return found


async def _one(
    metering: Metering, file: Path, format_name: str, progress: Progress, *, limits: Limits, from_start: bool
) -> Imported:
    bar = progress.add_task(file.name, total=_size(file))
    imported = await take_file(
        path=file,
        format=format_name,
        stores=metering.stores,
        imports=metering.imports,
        limits=limits,
        clock=SystemClock(),
        from_start=from_start,
        seen=lambda done: progress.update(bar, completed=done),
    )
    if imported.resumed_at:
        errors.print(f"{file.name}: went on behind line {imported.resumed_at}", markup=False, highlight=False)
    return imported


def _size(file: Path) -> int:
    return file.stat().st_size


def _why(file: Path, error: Exception) -> str:
    match error:
        case UnknownFormatError():
            return f"{file.name}: {error} (--format); `gridhall feed formats` shows what each looks like"
        case DeliveryRefusedError():
            return f"{file.name} is refused, nothing of it is stored: {error}"
        case gzip.BadGzipFile() | EOFError() | zlib.error():
            return f"{file.name} is damaged ({error}); what was read before that is stored"
        case _:
            return f"{file.name}: {error}"
