"""Midnights whose register read is under doubt: somebody asked for it to be taken again (补抄), and it was not yet."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.histories.keys import day_key
from gridhall.metering.rounds.days import stands_for
from gridhall.metering.rounds.model import Entry, State
from gridhall.metering.rounds.repository import EntryRepository
from gridhall.metering.vee.exceptions.model import ExceptionState
from gridhall.metering.vee.exceptions.repository import ExceptionRepository

_ONE_DAY: Final = timedelta(days=1)


async def doubted_at(
    *,
    point_ids: Collection[UUID],
    days: Collection[date],
    tolerance_days: int,
    entries: EntryRepository,
    exceptions: ExceptionRepository,
) -> set[tuple[UUID, date]]:
    """Return those of the points and midnights (by the day that begins) that wait for a re-read, in two round trips.

    A failed day that is to be read again casts doubt on both its midnights; an entry of a worklist on the one for
    which a read of its day stands (`stands_for`).
    """
    beside = {failed for day in days for failed in (day - _ONE_DAY, day)}
    failed = await exceptions.load([day_key(point_id, IMPORT_KWH, day) for point_id in point_ids for day in beside])
    asked = [one for one in failed.values() if one.state is ExceptionState.REREAD]
    found = {(one.point_id, day) for one in asked for day in (one.day, one.day + _ONE_DAY) if day in days}
    for entry in await entries.open_of(point_ids):
        day = stands_for(entry.day, read_day=entry.read_day, tolerance_days=tolerance_days)
        if day in days and _pending(entry):
            found.add((entry.point_id, day))
    return found


def _pending(entry: Entry) -> bool:
    return entry.state is State.REREAD or (entry.state is State.NO_ACCESS and bool(entry.asks))
