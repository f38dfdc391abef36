"""Proposing an own read and deciding on it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gridhall.kit.blobs import Attachment
from gridhall.kit.localdays import local_day
from gridhall.kit.subject import Refusal
from gridhall.metering.points.model import ServicePoint
from gridhall.metering.registers.operations import record_reads
from gridhall.metering.rounds.changing import change_entries
from gridhall.metering.rounds.days import stands_for
from gridhall.metering.rounds.expecting import expected_at, places_of
from gridhall.metering.rounds.own.model import OwnRead, OwnState, first_state
from gridhall.metering.rounds.own.repository import OwnReadRepository
from gridhall.metering.rounds.plausibility import Shown, judge
from gridhall.metering.rounds.stores import Rounds

OWN_READ: Final = "own_read"
MOST_WAITING: Final = 3
MOST_PHOTOS: Final = 5

NO_METER = Refusal("reads.no_meter")
NO_PHOTO = Refusal("reads.no_photo", {"most": MOST_PHOTOS})
TOO_MANY = Refusal("reads.too_many_waiting", {"most": MOST_WAITING})
ID_REUSED = Refusal("reads.id_reused")
NO_SUCH_READ = Refusal("reads.no_such_read")
DECIDED_BEFORE = Refusal("reads.decided_before")


@dataclass(frozen=True, slots=True)
class OwnShown:
    """What a customer says. id: made by the app. meter: the number on it; values: register to what was typed."""

    id: UUID
    by: UUID
    meter: str
    values: Mapping[str, str]
    taken_at: datetime
    photos: tuple[UUID, ...]


async def propose_read(
    *, point: ServicePoint, shown: OwnShown, read_day: int, rounds: Rounds, own: OwnReadRepository, now: datetime
) -> OwnRead | Refusal:
    """Take a customer's own read. Idempotent by its id.

    read_day: the reading day of the account that pays for the point; a read near it stands for it. At least one
    photo that the customer brought goes with it. What is impossible is kept as refused and says why; what the
    history confirms is good at once; the rest waits for an agent.
    """
    kept = (await own.load([shown.id])).get(shown.id)
    if kept is None:
        if await own.waiting(point.id, most=MOST_WAITING) >= MOST_WAITING:
            return TOO_MANY
        made = await _proposal(point, shown, read_day, rounds, now)
        if isinstance(made, Refusal):
            return made
        kept = await own.add(made)
        # Of many at once each has counted before any was there; whoever is one too many takes it back.
        one_more = made.state is OwnState.PROPOSED and await own.waiting(point.id, most=MOST_WAITING + 1) > MOST_WAITING
        if kept is made and one_more:
            await own.withdraw(made.id)
            return TOO_MANY
    if (kept.by, kept.point_id, kept.meter, dict(kept.shown)) != (shown.by, point.id, shown.meter, dict(shown.values)):
        return ID_REUSED
    where = Attachment(OWN_READ, str(kept.id), kept.region, kept.org_path)
    await rounds.blobs.attach(kept.photos, to=where, by=kept.by)
    await _record(kept, rounds, now)
    return kept


async def decide_read(
    *, read: OwnRead, confirm: bool, by: UUID, reason: str, rounds: Rounds, own: OwnReadRepository, now: datetime
) -> OwnRead | Refusal:
    """Confirm or refuse a proposed read for a reason. The same decision again changes nothing; another is refused."""
    state = OwnState.CONFIRMED if confirm else OwnState.REFUSED
    decided = await own.decide(read.id, state=state, by=by, reason=reason, now=now)
    if decided is None:
        return NO_SUCH_READ
    if (decided.state, decided.decided_by) != (state, by):
        return DECIDED_BEFORE
    await _record(decided, rounds, now)
    return decided


async def _proposal(
    point: ServicePoint, shown: OwnShown, read_day: int, rounds: Rounds, now: datetime
) -> OwnRead | Refusal:
    blobs = await rounds.blobs.load(shown.photos)
    mine = [one for one in blobs.values() if one.by == shown.by]
    if not mine or len(mine) < len(set(shown.photos)) or len(mine) > MOST_PHOTOS:
        return NO_PHOTO
    taken_on = local_day(shown.taken_at, point.zone)
    places = await places_of(points=[point], day=taken_on, rounds=rounds)
    if not places:
        return NO_METER
    (expected,) = await expected_at(places=places, day=taken_on, read_day=read_day, rounds=rounds)
    found = judge(Shown(shown.meter, shown.values, shown.taken_at), expected=expected, limits=rounds.limits, now=now)
    return OwnRead(
        id=shown.id,
        point_id=point.id,
        region=point.region,
        org_path=point.org_path,
        zone=point.zone,
        by=shown.by,
        meter=shown.meter,
        shown=dict(shown.values),
        counts=found.values,
        taken_at=shown.taken_at,
        day=stands_for(taken_on, read_day=read_day, tolerance_days=rounds.limits.tolerance_days),
        photos=tuple(dict.fromkeys(shown.photos)),
        expected=expected,
        findings=found.findings,
        state=first_state(found, expected=expected),
        brought_at=now,
    )


async def _record(read: OwnRead, rounds: Rounds, now: datetime) -> None:
    if read.state is OwnState.CONFIRMED:
        await record_reads(reads=[read.register_read()], registers=rounds.registers, now=now)
        await _nobody_has_to_go(read, rounds)


async def _nobody_has_to_go(read: OwnRead, rounds: Rounds) -> None:
    """Close what lists still have open for the point and the day for which the read stands."""
    for entry in await rounds.entries.open_of([read.point_id]):
        of_day = stands_for(entry.day, read_day=entry.read_day, tolerance_days=rounds.limits.tolerance_days)
        if of_day == read.day and entry.stands is None:
            await change_entries(
                worklist_id=entry.worklist,
                entry_ids=[entry.id],
                rounds=rounds,
                change=lambda one: replace(one, spoke_again=True, closed=True),
            )
