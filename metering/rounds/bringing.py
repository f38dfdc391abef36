"""Bringing reads back from a phone: judged on the spot, kept whatever they are, idempotent by the phone's ids."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gridhall.kit.blobs import Attachment
from gridhall.kit.localdays import local_day
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.rounds.changing import change_entries
from gridhall.metering.rounds.days import stands_for
from gridhall.metering.rounds.model import Entry, Worklist, entry_id
from gridhall.metering.rounds.plausibility import Doubt, Finding, Shown, judge
from gridhall.metering.rounds.reads import HandRead, JudgedRead, Verdict
from gridhall.metering.rounds.settling import Beside, asked_by, standing_read, why_beside
from gridhall.metering.rounds.stores import Rounds

READ: Final = "read"
"""Kind of the attachment by which a photo belongs to a read."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of one read. beside: why it does not stand, None where it does or nothing of its point does.

    judged: None where its id belongs to a read that says something else; that one is kept, and this was not looked at.
    """

    read: HandRead
    judged: JudgedRead | None
    entry: Entry | None
    beside: Beside | None = None


async def bring_back(*, worklist: Worklist, reads: Sequence[HandRead], rounds: Rounds, now: datetime) -> list[Brought]:
    """Take reads of one list, some hundred with different ids, and say of each what became of it.

    The same reads again, in any order and any split, give the same state; one that was warned of is brought again
    with `confirmed` to be accepted. Everything accepted goes to the registers, where one stands for each midnight.
    """
    reads = [_as_kept(read) for read in reads]
    entries = await rounds.entries.load({entry_id(worklist.id, read.point_id) for read in reads})
    known = await rounds.reads.load({read.id for read in reads})
    fresh, confirmed = [], []
    for read in reads:
        entry, kept = entries.get(entry_id(worklist.id, read.point_id)), known.get(read.id)
        if kept is None:
            fresh.append(judged(read, entry=entry, rounds=rounds, now=now))
        elif kept.verdict is Verdict.WARNED and read.confirmed and kept.read.says_the_same(read):
            accepted = replace(kept, read=replace(read, photos=(*kept.read.photos, *read.photos)))
            confirmed.append(replace(accepted, verdict=Verdict.ACCEPTED))
    await rounds.reads.add(fresh)
    await rounds.reads.confirm(confirmed)
    known = await rounds.reads.load({read.id for read in reads})
    await _attach(worklist, [one for one in known.values() if one.read.worklist == worklist.id], rounds)
    accepted_now = [
        one.register_read(entries[entry_id(worklist.id, one.read.point_id)])
        for one in known.values()
        if one.verdict is Verdict.ACCEPTED and one.read.worklist == worklist.id
    ]
    await record_reads(reads=accepted_now, registers=rounds.registers, now=now)
    settled = await change_entries(worklist_id=worklist.id, entry_ids=entries, rounds=rounds)
    everything = await rounds.reads.of_entries(list(settled.values()))
    return [
        _outcome(read, known[read.id], settled.get(entry_id(worklist.id, read.point_id)), everything) for read in reads
    ]


def judged(read: HandRead, *, entry: Entry | None, rounds: Rounds, now: datetime) -> JudgedRead:
    """Judge a read by what was expected when its list was made, and by nothing that came later."""
    if entry is None:
        own = local_day(read.taken_at, rounds.zone)
        findings: tuple[Finding, ...] = (Finding(Doubt.NOT_ON_LIST),)
        return JudgedRead(read, Verdict.REFUSED, findings, {}, own, asked=0, assigned=False, brought_at=now)
    shown = Shown(read.meter, read.values, read.taken_at, read.position)
    found = judge(shown, expected=entry.expected, limits=rounds.limits, now=now)
    verdict = Verdict.ACCEPTED if read.confirmed or not found.findings else Verdict.WARNED
    return JudgedRead(
        read=read,
        verdict=Verdict.REFUSED if found.is_impossible else verdict,
        findings=found.findings,
        counts=found.values,
        day=stands_for(
            local_day(read.taken_at, entry.zone),
            read_day=entry.read_day,
            tolerance_days=rounds.limits.tolerance_days,
        ),
        asked=asked_by(entry, read.taken_at),
        assigned=read.by == entry.reader,
        brought_at=now,
    )


def _as_kept(read: HandRead) -> HandRead:
    """Return the read with its instant to the millisecond, as the database keeps it."""
    at = read.taken_at
    return replace(read, taken_at=at.replace(microsecond=at.microsecond // 1000 * 1000))


async def _attach(worklist: Worklist, reads: Sequence[JudgedRead], rounds: Rounds) -> None:
    for one in reads:
        where = Attachment(READ, str(one.read.id), worklist.region, worklist.org_path)
        await rounds.blobs.attach(one.read.photos, to=where, by=one.read.by)


def _outcome(read: HandRead, kept: JudgedRead, entry: Entry | None, everything: dict[str, list[JudgedRead]]) -> Brought:
    if not kept.read.says_the_same(read):
        return Brought(read, None, entry)
    stands = standing_read(everything.get(entry.id, ())) if entry else None
    return Brought(read, kept, entry, why_beside(kept, stands=stands) if stands else None)
