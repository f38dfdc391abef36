"""Reading the registers of many points at once."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.registers.repository import RegisterRepository


async def reads_at(
    *,
    point_ids: Collection[UUID],
    days: Collection[date],
    registers: RegisterRepository,
    channel: str = IMPORT_KWH,
) -> dict[tuple[UUID, date], RegisterRead]:
    """Return the opening read of every point and day that has one, in one round trip.

    On the day of a meter exchange it is the new meter's read; where a meter was only taken away, its closing read.
    `all_reads_at` has both.
    """
    everything = await all_reads_at(point_ids=point_ids, days=days, registers=registers, channel=channel)
    return {place: min(reads, key=lambda read: read.closing) for place, reads in everything.items()}


async def all_reads_at(
    *,
    point_ids: Collection[UUID],
    days: Collection[date],
    registers: RegisterRepository,
    channel: str = IMPORT_KWH,
) -> dict[tuple[UUID, date], tuple[RegisterRead, ...]]:
    """Return the reads of all meters of every point at the beginning of the days, in one round trip."""
    keys = [day_key(point_id, channel, day) for point_id in point_ids for day in days]
    found = await registers.days(keys)
    return {(day.reads[0].point_id, day.reads[0].day): day.reads for day in found.values()}
