"""What people do about exceptions. Each names the version of the exception that it has seen.

Who decides first gives the exception to himself: of several at once one goes on. Then readings are changed, and the
exception is closed after that: a decision that a crash cuts short leaves it waiting, and is simply made again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Final
from uuid import UUID, uuid5

from gridhall.kit.localdays import Days, Month, slots_in
from gridhall.kit.outbox import Event, Outbox
from gridhall.kit.quantity import QuantityError, to_scaled
from gridhall.kit.said import REASON_LENGTHS, said
from gridhall.kit.subject import Refusal
from gridhall.metering.histories.keys import day_key, month_key
from gridhall.metering.histories.model import DayBucket, DayPiece
from gridhall.metering.histories.operations import record_over
from gridhall.metering.histories.packing import MAX_VALUE, MISSING, MISSING_QUALITY, unpack_versions
from gridhall.metering.points.model import Meter, ServicePoint
from gridhall.metering.quality import Quality
from gridhall.metering.retry import take_turn
from gridhall.metering.vee.exceptions.model import REREAD_ASKED, DayException, ExceptionState
from gridhall.metering.vee.running import Vee, run_chunk

NO_SUCH_EXCEPTION: Final = Refusal("vee.no_such_exception")
CHANGED: Final = Refusal("vee.changed")
NOT_WAITING: Final = Refusal("vee.not_waiting")
NOTHING_THERE: Final = Refusal("vee.nothing_there")
STILL_GAPS: Final = Refusal("vee.still_gaps")
BAD_SLOTS: Final = Refusal("vee.bad_slots")
BAD_REASON: Final = Refusal("vee.bad_reason", {"least": REASON_LENGTHS.start, "most": REASON_LENGTHS.stop - 1})

_NAMESPACE: Final = UUID("c0b5d1de-8a0e-5a55-8e0b-8a6b3f3f5f6e")


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides on which exception, as seen in which version, and why."""

    key: bytes
    version: int
    by: str
    reason: str


async def take(*, vee: Vee, key: bytes, version: int, owner: str, now: datetime) -> DayException | Refusal:
    """Put an exception into somebody's care."""
    found = await _waiting(vee, Decision(key, version, owner, "-" * REASON_LENGTHS.start))
    if isinstance(found, Refusal):
        return found
    return await _put(vee, replace(found.moved(found.state, by=owner, now=now), owner=owner))


async def accept(*, vee: Vee, decision: Decision, now: datetime) -> DayException | Refusal:
    """Find the values of a day right: they are kept as validated, and the checks that failed are overridden.

    A value that arrives later still replaces them.
    """
    found = await _waiting(vee, decision)
    if isinstance(found, Refusal):
        return found
    bucket = await _bucket(vee, found)
    if bucket is None:
        return NOTHING_THERE
    claimed = await _claimed(vee, found, decision)
    if isinstance(claimed, Refusal):
        return claimed
    values = bucket.unpacked()
    codes = bytearray([MISSING_QUALITY if value < 0 else Quality.VALIDATED for value in values])
    piece = _piece(bucket, values, codes, unpack_versions(bucket.versions, values))
    if await record_over(piece=piece, revision=bucket.revision, histories=vee.bench.histories, now=now) is None:
        return CHANGED
    return await _closed(vee, claimed, ExceptionState.ACCEPTED, decision, now, accepted=frozenset(found.codes))


async def edit(*, vee: Vee, decision: Decision, kwh: Mapping[int, Decimal], now: datetime) -> DayException | Refusal:
    """Write other values into slots of a day, by hand; the values before are kept as an older revision.

    A replay of what was wrong does not undo it: the edit is of a higher version than what it replaces, and only a
    reading of a higher version still replaces the edit.
    """
    found = await _waiting(vee, decision)
    if isinstance(found, Refusal):
        return found
    point, meter = await _place(vee, found)
    if point is None or meter is None:
        return NOTHING_THERE
    bucket = await _bucket(vee, found)
    piece = _edited(found, point, meter, bucket, kwh)
    if isinstance(piece, Refusal):
        return piece
    claimed = await _claimed(vee, found, decision)
    if isinstance(claimed, Refusal):
        return claimed
    revision = bucket.revision if bucket else 0
    if await record_over(piece=piece, revision=revision, histories=vee.bench.histories, now=now) is None:
        return CHANGED
    return await _closed(vee, claimed, ExceptionState.EDITED, decision, now)


async def estimate(*, vee: Vee, decision: Decision, today: date, now: datetime) -> DayException | Refusal:
    """Fill the gaps of a day now, by what is known now."""
    found = await _waiting(vee, decision)
    if isinstance(found, Refusal):
        return found
    point, _ = await _place(vee, found)
    if point is None:
        return NOTHING_THERE
    claimed = await _claimed(vee, found, decision)
    if isinstance(claimed, Refusal):
        return claimed
    days = Days(found.day, date.fromordinal(found.day.toordinal() + 1))
    await run_chunk(vee=vee, points=[point], days=days, today=today, now=now, again=True)
    after = (await vee.exceptions.load([found.key]))[found.key]
    if "missing" in after.codes and after.state.waits:
        return STILL_GAPS
    return await _closed(vee, after, ExceptionState.ESTIMATED, decision, now)


async def ask_reread(*, vee: Vee, decision: Decision, outbox: Outbox, now: datetime) -> DayException | Refusal:
    """Ask for the meter to be read again (补抄), by the event `metering.reread_asked`.

    Its payload: point_id, channel, meter, day, by, reason.
    """
    found = await _waiting(vee, decision)
    if isinstance(found, Refusal):
        return found
    claimed = await _claimed(vee, found, decision)
    if isinstance(claimed, Refusal):
        return claimed
    event = Event(
        kind=REREAD_ASKED,
        about=found.point_id,
        at=now,
        payload={
            "point_id": str(found.point_id),
            "channel": found.channel,
            "meter": found.meter,
            "day": found.day.isoformat(),
            "by": decision.by,
            "reason": decision.reason,
        },
        id=uuid5(_NAMESPACE, f"{found.key.hex()} {found.version}"),
    )
    await outbox.add_once([event])
    return await _closed(vee, claimed, ExceptionState.REREAD, decision, now)


async def _waiting(vee: Vee, decision: Decision) -> DayException | Refusal:
    if said(decision.reason) is None:
        return BAD_REASON
    found = (await vee.exceptions.load([decision.key])).get(decision.key)
    if found is None:
        return NO_SUCH_EXCEPTION
    if found.version != decision.version:
        return CHANGED
    return found if found.state.waits else NOT_WAITING


async def _bucket(vee: Vee, found: DayException) -> DayBucket | None:
    return (await vee.bench.histories.days([found.key])).get(found.key)


async def _is_archived(vee: Vee, found: DayException) -> bool:
    """Tell whether of a day only its total is kept: slots laid over nothing would belie it."""
    if await _bucket(vee, found):
        return False
    month = month_key(found.point_id, found.channel, Month.of(found.day))
    kept = (await vee.bench.histories.months([month])).get(month)
    return kept is not None and found.day.day in kept.days


async def _place(vee: Vee, found: DayException) -> tuple[ServicePoint | None, Meter | None]:
    """Return where values of the day can be written, and the meter there; nowhere if its detail is past its time."""
    if await _is_archived(vee, found):
        return None, None
    point = (await vee.points.by_ids([found.point_id])).get(found.point_id)
    link = point.link_on(found.day) if point else None
    meters = await vee.bench.meters.by_numbers([link.meter] if link else [])
    return point, meters.get(link.meter) if link else None


def _piece(bucket: DayBucket, values: list[int], codes: bytearray, versions: list[int]) -> DayPiece:
    return DayPiece(
        bucket.key, bucket.minutes, bucket.scale, bucket.zone, bucket.calendar, values, codes, versions=versions
    )


def _edited(
    found: DayException, point: ServicePoint, meter: Meter, bucket: DayBucket | None, kwh: Mapping[int, Decimal]
) -> DayPiece | Refusal:
    minutes = bucket.minutes if bucket else meter.interval_minutes
    scale = bucket.scale if bucket else meter.scale
    slots = slots_in(found.day, point.zone, minutes)
    if not kwh or not all(0 <= slot < slots for slot in kwh):
        return BAD_SLOTS
    values, codes = [MISSING] * slots, bytearray([MISSING_QUALITY]) * slots
    versions = unpack_versions(bucket.versions, bucket.unpacked()) if bucket else [0] * slots
    for slot, energy in kwh.items():
        try:
            values[slot] = to_scaled(energy, scale=scale)
        except QuantityError:
            return BAD_SLOTS
        if not 0 <= values[slot] <= MAX_VALUE:
            return BAD_SLOTS
        codes[slot] = Quality.EDITED
        versions[slot] += 1
    key = day_key(found.point_id, found.channel, found.day)
    return DayPiece(key, minutes, scale, point.zone, point.calendar, values, codes, versions=versions)


async def _claimed(vee: Vee, found: DayException, decision: Decision) -> DayException | Refusal:
    """Give an exception to who decides on it, in a version of its own that nobody else has seen."""
    return await _put(vee, replace(found, owner=decision.by, version=found.version + 1))


async def _closed(
    vee: Vee,
    claimed: DayException,
    state: ExceptionState,
    decision: Decision,
    now: datetime,
    *,
    accepted: frozenset[str] = frozenset(),
) -> DayException | Refusal:
    """Write the step in which a decision ends over whatever a run did meanwhile: the readings are changed already.

    Raises ContendedError where others were faster every time.
    """
    newest: DayException | None = claimed
    for attempt in count():
        await take_turn(attempt, of="usage_exceptions")
        if newest is None:
            break
        moved = newest.moved(state, by=decision.by, now=now, reason=decision.reason.strip())
        closed = replace(moved, owner=decision.by, accepted=newest.accepted | accepted)
        if not await vee.exceptions.put([closed]):
            return closed
        newest = (await vee.exceptions.load([claimed.key])).get(claimed.key)
    return NO_SUCH_EXCEPTION


async def _put(vee: Vee, changed: DayException) -> DayException | Refusal:
    return CHANGED if await vee.exceptions.put([changed]) else changed
