"""`gridhall feed consume`, `gridhall feed publish` and `gridhall feed stream status`."""

import asyncio
import gzip
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from redis.exceptions import ResponseError

from gridhall.kit import log
from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, print_json, refuse, report, table
from gridhall.kit.ids import new_id
from gridhall.kit.runtime import with_servers
from gridhall.kit.settings import settings
from gridhall.metering.feed.formats.registry import AUTO, FORMATS
from gridhall.metering.feed.stream import process
from gridhall.metering.feed.stream.measures import oldest_seconds
from gridhall.metering.feed.stream.producer import cut_into_entries, publish_all, recognised
from gridhall.metering.feed.stream.redis_stream import StreamStatus

stream_app = typer.Typer(name="stream", help="The Redis Stream of the feed.", no_args_is_help=True)

_HEAD_BYTES = 4096


def consume(
    name: Annotated[
        str | None, typer.Option(help="Name of this consumer, its own and the same at every start; else host and pid.")
    ] = None,
) -> None:
    """Store what comes by the stream, until interrupted. Start as many as there are cores to spare."""
    chosen = settings()
    log.configure(level=chosen.log_level)
    uvloop.run(process.consume(chosen, name=name))


def publish(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file; may end in .gz.")],
    token: Annotated[
        str, typer.Option(envvar="GRIDHALL_FEED_TOKEN", help="Token of the feed client; better given by the variable.")
    ],
    format_name: Annotated[str, typer.Option("--format", help=f"{AUTO}, {', '.join(FORMATS)}.")] = AUTO,
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Publish a file of readings to the stream, some hundred rows an entry. The consumers store it."""
    if format_name != AUTO and format_name not in FORMATS:
        raise refuse(f"format: {format_name!r} is none of {AUTO}, {', '.join(FORMATS)}")
    try:
        told = asyncio.run(_publish(file, token, format_name))
    except ValueError as error:
        raise refuse(str(error)) from None
    report(told, json=as_json, title=f"Published {file.name}")


@stream_app.command("status")
def status(
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Show how far the consumers are: entries that wait, and for how long."""
    found = asyncio.run(_status())
    if found is None:
        raise refuse("nobody has published or consumed yet: there is no stream")
    now = SystemClock().now()
    figures = {
        "length": found.length,
        "lag": found.lag,
        "pending": found.pending,
        "oldestSeconds": round(oldest_seconds(found, now=now), 1),
        "consumers": len(found.consumers),
    }
    if as_json:
        print_json({**figures, "consumers": [asdict(one) for one in found.consumers]})
        return
    report(figures, json=False, title=f"Stream {settings().feed_stream}")
    rows = [(one.name, one.pending, one.idle_seconds) for one in found.consumers]
    table("Consumers", ("name", "pending", "idle seconds"), rows)


async def _publish(file: Path, token: str, format_name: str) -> dict[str, object]:
    batch, entries, last = str(new_id()), 0, ""
    packed = file.suffix == ".gz"
    with gzip.open(file) if packed else file.open("rb") as lines:
        head = lines.peek(_HEAD_BYTES)[:_HEAD_BYTES]
        chosen_format = recognised(head) if format_name == AUTO else format_name
        async with with_servers(settings()) as chosen, process.open_stream(chosen) as stream:
            cut = cut_into_entries(lines, format=chosen_format)
            published = publish_all(
                entries=cut,
                token=token,
                stream=stream,
                format=chosen_format,
                batch=batch,
                longest=chosen.feed_stream_longest,
            )
            async for last in published:  # noqa: B007 - the last one is reported
                entries += 1
    return {"batch": batch, "entries": entries, "last": last}


async def _status() -> StreamStatus | None:
    async with with_servers(settings()) as chosen, process.open_stream(chosen) as stream:
        try:
            return await stream.status()
        except ResponseError:
            return None
