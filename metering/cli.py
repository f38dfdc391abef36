"""`gridhall feed`: import files of readings, look into the quarantine, add feed clients."""

import asyncio
import gzip
import zlib
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from gridhall.kit.clock import SystemClock
from gridhall.kit.console import errors, refuse, report
from gridhall.kit.ids import new_id
from gridhall.metering.feed import clients_cli as clients
from gridhall.metering.feed import quarantine_cli as quarantine
from gridhall.metering.feed.files import FileChunks
from gridhall.metering.feed.formats.registry import AUTO, FORMATS, UnknownFormatError
from gridhall.metering.feed.formats.rows import DeliveryRefusedError
from gridhall.metering.feed.intake import take
from gridhall.metering.feed.lines import FeedTooLargeError
from gridhall.metering.feed.model import FeedSource, IntakeReport
from gridhall.metering.feed.stream import cli as stream
from gridhall.metering.services import open_metering

app = typer.Typer(name="feed", help="The meter feed: readings in, refused rows kept.", no_args_is_help=True)
app.add_typer(quarantine.app)
app.add_typer(clients.app)
app.add_typer(stream.stream_app)
app.command("consume")(stream.consume)
app.command("publish")(stream.publish)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command("import")
def import_file(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="The file; may end in .gz, NEM12 in .zip."),
    ],
    format_name: Annotated[
        str, typer.Option("--format", help=f"{AUTO} (by the file's beginning), {', '.join(FORMATS)}.")
    ] = AUTO,
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Import a file of readings. The same file again changes nothing, so an import that broke off is run again."""
    try:
        found = asyncio.run(_import(file, format_name))
    except (UnknownFormatError, FeedTooLargeError) as error:
        raise refuse(str(error)) from None
    except DeliveryRefusedError as error:
        raise refuse(f"{file.name} is refused, nothing of it is stored: {error}") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise refuse(f"{file.name} is damaged ({error}); what was read before that is stored") from None
    report(found.counts(), json=as_json, title=f"Readings of {file.name}")
    for one in found.refusals:
        errors.print(one.sentence, markup=False, highlight=False, soft_wrap=True)


async def _import(file: Path, format_name: str) -> IntakeReport:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    async with open_metering() as metering:
        with FileChunks(file) as chunks, Progress(*columns, console=errors, transient=True) as progress:
            bar = progress.add_task(file.name, total=chunks.size)
            return await take(
                chunks=chunks.read(seen=lambda done: progress.update(bar, completed=done)),
                format=format_name,
                source=FeedSource(name="file", regions=None, batch=str(new_id())),
                stores=metering.stores,
                limits=metering.limits.for_file(),
                now=SystemClock().now(),
            )
