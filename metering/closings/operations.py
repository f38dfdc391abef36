"""Closing days, and telling of what changes on closed ones.

A day changes first and is told of afterwards, before whatever makes the change look settled (the month's totals of a
curve; of registers, the answer to whoever sent them). So a crash in between loses nothing: who had no answer sends
the same again, and what was not told is told then. Nothing is told twice, because the id of an event follows from the
change.

Whoever closes days has read them before. A change that comes between that reading and the closing finds the day
still open; so the closer looks again once the closing stands: what changed earlier is seen then, what changes later
finds the day closed.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from gridhall.kit.mongo import Transaction
from gridhall.metering.channels import IMPORT_KWH
from gridhall.metering.closings.model import ClosedDayChange, Closing, closing_key, closing_key_of, is_closed
from gridhall.metering.closings.repository import ClosingRepository


async def close_until(
    *,
    point_ids: Collection[UUID],
    until: date,
    closings: ClosingRepository,
    now: datetime,
    transaction: Transaction,
    channel: str = IMPORT_KWH,
) -> None:
    """Close the days of points before `until`, in the transaction in which something comes to stand on them.

    The register read at the beginning of `until` closes the last of these days, so it counts as closed too.
    Days never open again: an earlier `until` changes nothing.
    """
    keys = {closing_key(point_id, channel) for point_id in point_ids}
    await closings.close(keys, until=until, now=now, transaction=transaction)


async def tell_closed(*, changes: Sequence[ClosedDayChange], closings: ClosingRepository) -> None:
    """Tell of those of the changes whose days are closed. One round trip where there are changes, else none."""
    if changes:
        since = min(change.day for change in changes)
        known = await closings.of({closing_key_of(change.key) for change in changes}, since=since)
        await closings.tell(_closed(changes, known))


async def tell_closed_in(
    *, changes: Sequence[ClosedDayChange], closings: ClosingRepository, transaction: Transaction
) -> None:
    """Tell of the same in the transaction that makes the changes."""
    if changes:
        known = await closings.hold({closing_key_of(change.key) for change in changes}, transaction=transaction)
        await closings.tell(_closed(changes, known), transaction=transaction)


def _closed(changes: Sequence[ClosedDayChange], known: Mapping[bytes, Closing]) -> list[ClosedDayChange]:
    return [one for one in changes if (closing := known.get(closing_key_of(one.key))) and is_closed(one, closing)]
