"""Storing register reads, idempotently."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Final
from uuid import UUID

from gridhall.kit.mongo import Transaction
from gridhall.metering.closings.operations import tell_closed, tell_closed_in
from gridhall.metering.histories.keys import day_key, point_of
from gridhall.metering.recorded import Recorded
from gridhall.metering.registers.changes import Done, closed_changes
from gridhall.metering.registers.merge import merge_read
from gridhall.metering.registers.model import RegisterRead
from gridhall.metering.registers.repository import RegisterRepository
from gridhall.metering.retry import take_turn

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


async def record_reads(*, reads: Sequence[RegisterRead], registers: RegisterRepository, now: datetime) -> Recorded:
    """Lay reads over what is kept, those of one midnight in their order; the older of two that differ is kept.

    Raises ContendedError where other writers were faster every time.
    """
    recorded = Recorded()
    waiting = list(reads)
    while waiting:
        wave: dict[bytes, RegisterRead] = {}
        later = []
        for read in waiting:
            key = day_key(read.point_id, read.channel, read.day)
            if wave.setdefault(key, read) is not read:
                later.append(read)
        recorded += await _record_wave(wave, registers, now)
        waiting = later
    return recorded


async def _record_wave(waiting: dict[bytes, RegisterRead], registers: RegisterRepository, now: datetime) -> Recorded:
    recorded = Recorded()
    for attempt in count():
        await take_turn(attempt, of="register_reads")
        stored = await registers.days(waiting)
        merged = {key: merge_read(stored.get(key), read, now=now) for key, read in waiting.items()}
        await registers.keep_revisions([one.replaced for one in merged.values() if one.replaced])
        late = await registers.put([one.day for one in merged.values() if one.day])
        for key, one in merged.items():
            if key not in late:
                recorded += one
        done = {key: (stored.get(key), one.day) for key, one in merged.items() if key not in late}
        await tell_closed(changes=closed_changes(done), closings=registers.closings)
        await _raise_heads(done, registers)
        waiting = {key: waiting[key] for key in late}
        if not waiting:
            break
    return recorded


async def record_reads_in(
    *, reads: Sequence[RegisterRead], registers: RegisterRepository, now: datetime, transaction: Transaction
) -> None:
    """Lay reads over what is kept, as part of a transaction."""
    keys = {day_key(read.point_id, read.channel, read.day) for read in reads}
    stored = await registers.days(keys, transaction=transaction)
    before = dict(stored)
    for read in reads:
        key = day_key(read.point_id, read.channel, read.day)
        merged = merge_read(stored.get(key), read, now=now)
        if merged.replaced:
            await registers.keep_revisions_in([merged.replaced], transaction=transaction)
        if merged.day:
            await registers.put_in([merged.day], transaction=transaction)
            stored[key] = merged.day
    done = {key: (before.get(key), day) for key, day in stored.items() if day is not before.get(key)}
    await tell_closed_in(changes=closed_changes(done), closings=registers.closings, transaction=transaction)
    await registers.raise_heads(dict.fromkeys(map(point_of, done), now), transaction=transaction)


async def _raise_heads(done: Done, registers: RegisterRepository) -> None:
    """Raise the usage revision of points whose registers changed, so that no older answer is given again.

    A read that says nothing new comes by here too: where the one before it died between its read and this, the head
    knows of no read as new as the one that is kept.
    """
    kept = {key: after or before for key, (before, after) in done.items()}
    told = await registers.told_until({point_of(key) for key in done})
    until: dict[UUID, datetime] = {}
    for key, day in kept.items():
        point_id, changed = point_of(key), done[key][1] is not None
        if day and (changed or day.as_of > told.get(point_id, _NEVER)):
            until[point_id] = max(day.as_of, until.get(point_id, _NEVER))
    await registers.raise_heads(until)
