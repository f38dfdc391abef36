"""`gridhall usage export`: a history as a file."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from gridhall.kit.clock import SystemClock
from gridhall.kit.console import refuse, report
from gridhall.kit.localdays import Days, local_day
from gridhall.kit.words import LANGUAGES, Words
from gridhall.metering.channels import CHANNELS, IMPORT_KWH
from gridhall.metering.exports.cells import Labels
from gridhall.metering.exports.csv_file import usage_csv
from gridhall.metering.exports.excel_file import usage_excel
from gridhall.metering.exports.order import ExportOrder
from gridhall.metering.exports.xml_file import usage_xml
from gridhall.metering.histories.ranges import Resolution
from gridhall.metering.services import Metering, open_metering

app = typer.Typer(name="usage", help="Usage histories as files.", no_args_is_help=True)

_KINDS = (".csv", ".xlsx", ".xml")


@app.callback()
def group() -> None:
    """Usage histories as files."""


@app.command("export")
def export(  # noqa: PLR0917 - options of the command line
    file: Annotated[Path, typer.Argument(dir_okay=False, help="What to write; ends in .csv, .xlsx or .xml.")],
    start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first local day.")],
    end: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The first local day after.")],
    meter: Annotated[
        str | None, typer.Option(help="Number of the meter that counts on the last of these days.")
    ] = None,
    point: Annotated[UUID | None, typer.Option(help="Id of the service point, in the place of --meter.")] = None,
    resolution: Annotated[Resolution, typer.Option(help="How long the slots are.")] = Resolution.INTERVAL,
    channel: Annotated[list[str] | None, typer.Option(help=f"{', '.join(CHANNELS)}; may be given again.")] = None,
    language: Annotated[str, typer.Option(help=f"{' or '.join(LANGUAGES)}.")] = LANGUAGES[0],
) -> None:
    """Write the usage of a point to a file."""
    days = (start.date(), end.date())
    channels = tuple(channel or [IMPORT_KWH])
    if not days[0] < days[1]:
        raise refuse("--to must be later than --from")
    if file.suffix not in _KINDS:
        raise refuse(f"the file must end in one of {', '.join(_KINDS)}")
    if (meter is None) == (point is None):
        raise refuse("give either --meter or --point")
    if not set(channels) <= CHANNELS.keys():
        raise refuse(f"--channel must be one of {', '.join(CHANNELS)}")
    try:
        asyncio.run(_export(file, Days(*days), meter, point, resolution, channels, language))
    except LookupError as error:
        raise refuse(str(error.args[0])) from None
    report({"file": file.name, "bytes": file.stat().st_size}, json=False, title="Written")


async def _export(  # noqa: PLR0917 - what the command line says
    file: Path,
    days: Days,
    meter: str | None,
    point_id: UUID | None,
    resolution: Resolution,
    channels: tuple[str, ...],
    language: str,
) -> None:
    now = SystemClock().now()
    async with open_metering() as metering:
        order = await _order(metering, days, meter, point_id, resolution, channels, now)
        labels, histories = Labels(Words(["gridhall.metering"]), language), metering.stores.histories
        title = f"{labels.of('title')} {days.start} - {days.end}"
        if file.suffix == ".xlsx":
            await usage_excel([order], file=file, title=title, histories=histories, labels=labels, now=now)
            return
        with file.open("wb") as out:
            if file.suffix == ".xml":
                parts = await usage_xml(order, title=title, histories=histories, labels=labels, now=now)
                out.writelines(parts)
            else:
                async for part in usage_csv([order], histories=histories, labels=labels):
                    out.write(part)


async def _order(  # noqa: PLR0917 - likewise
    metering: Metering,
    days: Days,
    meter: str | None,
    point_id: UUID | None,
    resolution: Resolution,
    channels: tuple[str, ...],
    now: datetime,
) -> ExportOrder:
    if point_id is not None:
        point = (await metering.points.by_ids([point_id])).get(point_id)
    else:
        last = date.fromordinal(days.end.toordinal() - 1)
        known = (await metering.points.known([str(meter)])).get(str(meter))
        place = known.point_on(last) if known else None
        point = place[0] if place else None
    if point is None:
        raise LookupError(f"no service point is known by {meter or point_id} on the last of these days")
    today = local_day(now.astimezone(UTC), point.zone)
    return ExportOrder(
        point=point,
        number=1,
        channels=channels,
        days=days,
        resolution=resolution,
        today=today,
        expired_before=metering.retention.policy.kept_from(point.supply_class, today=today),
    )
