"""What people do with entries besides reading: find them inaccessible, ask for a re-read, close a list."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from gridhall.kit.blobs import Attachment
from gridhall.kit.localdays import local_day
from gridhall.metering.rounds.changing import change_entries
from gridhall.metering.rounds.model import Ask, Entry, Mark, State, Worklist, entry_id
from gridhall.metering.rounds.stores import Rounds

MARK: Final = "mark"
_AT_ONCE: Final = 20


async def mark_not_accessible(*, worklist: Worklist, point_id: UUID, mark: Mark, rounds: Rounds) -> Entry | None:
    """Note that somebody could not read a point; None where it is not on the list. Idempotent by the mark's id.

    A read that is brought, whenever it was taken, stands before any mark.
    """

    def marked(entry: Entry) -> Entry:
        if any(one.id == mark.id for one in entry.marks):
            return entry
        marks = sorted((*entry.marks, mark), key=lambda one: (one.at, one.id.int))
        return replace(entry, marks=tuple(marks))

    where = Attachment(MARK, str(mark.id), worklist.region, worklist.org_path)
    await rounds.blobs.attach(mark.photos, to=where, by=mark.by)
    return await _change_one(worklist, point_id, rounds, marked)


async def ask_reread(
    *, worklist: Worklist, point_id: UUID, by: UUID, reason: str, rounds: Rounds, now: datetime
) -> Entry | None:
    """Ask that a point be read again (补抄); None where it is not on the list.

    What was read before stays and stands until the re-read comes. Asked again before anybody went, it is asked once.
    """

    def asked(entry: Entry) -> Entry:
        waiting = entry.asks and entry.asks[-1].by == by and entry.asks[-1].reason == reason
        if waiting and entry.state is State.REREAD:
            return entry
        return replace(entry, asks=(*entry.asks, Ask(now, by, reason)), closed=False)

    return await _change_one(worklist, point_id, rounds, asked)


async def close_worklist(*, worklist: Worklist, rounds: Rounds) -> None:
    """Close a list: what was not read is not invented (估抄), its bill waits. A read that comes later still counts."""
    entries = await rounds.entries.all_of(worklist.id)
    await change_entries(
        worklist_id=worklist.id,
        entry_ids={entry.id for entry in entries},
        rounds=rounds,
        change=lambda entry: replace(entry, closed=True),
    )
    await rounds.lists.close(worklist.id)


async def close_due(*, rounds: Rounds, now: datetime) -> int:
    """Close the lists whose time is over; return how many."""
    before: date = local_day(now, rounds.zone) - timedelta(days=rounds.close_days)
    closed = 0
    while found := await rounds.lists.to_close(before=before, limit=_AT_ONCE):
        for worklist in found:
            await close_worklist(worklist=worklist, rounds=rounds)
        closed += len(found)
    return closed


async def _change_one(
    worklist: Worklist, point_id: UUID, rounds: Rounds, change: Callable[[Entry], Entry]
) -> Entry | None:
    id_ = entry_id(worklist.id, point_id)
    changed = await change_entries(worklist_id=worklist.id, entry_ids=[id_], rounds=rounds, change=change)
    return changed.get(id_)
