"""`gridhall feed quarantine`: look at refused rows, take them again, or hand a corrected one in."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from gridhall.kit.clock import SystemClock
from gridhall.kit.console import AsJson, print_json, refuse, report, table
from gridhall.metering.feed.quarantine import KeptRow
from gridhall.metering.feed.replay import NotCorrectedError, SettledBeforeError, correct, replay, replay_one
from gridhall.metering.services import Metering, open_metering

app = typer.Typer(name="quarantine", help="Rows that were refused.", no_args_is_help=True)

Reason = Annotated[str | None, typer.Option(help="Only rows refused for this reason, like unknown-meter.")]


@app.command("list")
def list_quarantine(
    *,
    client: Annotated[str | None, typer.Option(help="Only rows of this feed client.")] = None,
    reason: Reason = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows at most, the last refused first.")] = 20,
    after: Annotated[str | None, typer.Option(metavar="ID", help="Go on below this row, the last of a list.")] = None,
    settled: Annotated[bool, typer.Option("--settled", help="Rows that left the quarantine instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the rows that were refused last, with the reason."""
    last = None if after is None else _id(after, "--after")
    rows = asyncio.run(_list(client=client, reason=reason, limit=limit, after=last, settled=settled))
    if as_json:
        print_json([_plain(row) for row in rows])
    else:
        table(
            "Quarantine",
            ("last refused", "client", "seen", "reason", "id"),
            [(f"{row.last_at:%Y-%m-%d %H:%M}Z", row.client, row.seen, row.sentence, row.id.hex()) for row in rows],
        )


@app.command("replay")
def replay_quarantine(
    batch: Annotated[str | None, typer.Option(help="Only rows of this delivery.")] = None,
    reason: Reason = None,
    id: Annotated[str | None, typer.Option(metavar="ID", help="Only this row.")] = None,
    row: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="With --id: a file with the corrected row, taken in its place."),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Take refused rows through the intake again. What is accepted leaves the quarantine, the rest stays in it."""
    if id is not None and (batch or reason):
        raise typer.BadParameter("names one row; leave --batch and --reason out", param_hint="--id")
    if row is not None and id is None:
        raise typer.BadParameter("needs --id, the row that it corrects", param_hint="--row")
    try:
        counts = asyncio.run(
            _replay(batch=batch, reason=reason)
            if id is None
            else _replay_one(_id(id, "--id"), corrected=None if row is None else row.read_bytes())
        )
    except (NotCorrectedError, SettledBeforeError) as error:
        raise refuse(str(error)) from None
    report(counts, json=as_json, title="Rows taken again")


def _id(text: str, option: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise typer.BadParameter("must be an id as `quarantine list` prints it", param_hint=option) from None


async def _list(
    *, client: str | None, reason: str | None, limit: int, after: bytes | None, settled: bool
) -> list[KeptRow]:
    async with open_metering() as metering:
        return await metering.stores.quarantine.page(
            client=client, reason=reason, limit=limit, after=after, settled=settled
        )


async def _replay(*, batch: str | None, reason: str | None) -> Mapping[str, int]:
    async with open_metering() as metering:
        found = await replay(
            batch=batch,
            reason=reason,
            stores=metering.stores,
            clients=metering.clients,
            limits=metering.limits.for_file(),
            now=SystemClock().now(),
        )
        return found.counts()


async def _replay_one(id: bytes, *, corrected: bytes | None) -> Mapping[str, int]:
    async with open_metering() as metering:
        row = await metering.stores.quarantine.by_id(id)
        if row is None:
            raise typer.BadParameter("no row has this id", param_hint="--id")
        return await _take_again(metering, row, corrected)


async def _take_again(metering: Metering, row: KeptRow, corrected: bytes | None) -> Mapping[str, int]:
    stores, clients, limits = metering.stores, metering.clients, metering.limits.for_file()
    now = SystemClock().now()
    if corrected is not None:
        await correct(row, corrected=corrected, stores=stores, clients=clients, limits=limits, now=now)
        return {"accepted": 1, "moved": 0, "refused": 0}
    outcome = await replay_one(row, stores=stores, clients=clients, limits=limits, now=now)
    return {"accepted": 0, "moved": 0, "refused": 0, outcome: 1}


def _plain(row: KeptRow) -> dict[str, object]:
    return {
        "id": row.id.hex(),
        "client": row.client,
        "batch": row.batch,
        "line": row.line,
        "format": row.format,
        "code": row.code,
        "sentence": row.sentence,
        "readings": row.readings,
        "seen": row.seen,
        "settled": row.settled,
        "firstAt": row.first_at.isoformat(),
        "lastAt": row.last_at.isoformat(),
        "raw": row.raw.decode(errors="backslashreplace"),
    }
