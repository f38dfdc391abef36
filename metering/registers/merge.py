"""What becomes of a kept register read when another of the same meter and midnight arrives. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from gridhall.metering.histories.keys import day_key
from gridhall.metering.quality import ESTIMATES
from gridhall.metering.registers.model import RegisterDay, RegisterRead


@dataclass(frozen=True, slots=True)
class MergedRead:
    """The outcome for one read; the counts are 0 or 1.

    day: what to write, None where nothing changes. replaced: the older revision to keep first.
    """

    day: RegisterDay | None
    replaced: RegisterDay | None = None
    accepted: int = 0
    duplicate: int = 0
    corrected: int = 0


def merge_read(stored: RegisterDay | None, read: RegisterRead, *, now: datetime) -> MergedRead:
    """Lay a read over what is kept of its midnight.

    A read that names registers not kept yet adds them. One that says otherwise corrects, and the older revision is
    kept. An estimate never takes the place of a measured read; a measured read takes an estimate's as a whole.
    """
    if stored is None:
        key = day_key(read.point_id, read.channel, read.day)
        return MergedRead(RegisterDay(key, 1, (read,), now), accepted=1)
    old = next((one for one in stored.reads if one.meter == read.meter), None)
    if old is None:
        return MergedRead(_with(stored, read, now), accepted=1)
    merged = _merged(old, read)
    if merged is old:
        return MergedRead(None, duplicate=1)
    kept_on = merged.quality == old.quality and _values(old, merged.scale).items() <= merged.values.items()
    changed = _with(stored, merged, now)
    return MergedRead(changed, accepted=1) if kept_on else MergedRead(changed, stored, corrected=1)


def _merged(old: RegisterRead, read: RegisterRead) -> RegisterRead:
    """Return what is to be kept: `old` itself where `read` says nothing new."""
    if read.quality in ESTIMATES and old.quality not in ESTIMATES:
        return old
    if old.quality in ESTIMATES and read.quality not in ESTIMATES:
        return read
    scale = max(old.scale, read.scale)
    before = _values(old, scale)
    merged = replace(read, scale=scale, values=before | _values(read, scale))
    return old if merged == replace(old, scale=scale, values=before) else merged


def _values(read: RegisterRead, scale: int) -> dict[str, int]:
    return {name: value * 10 ** (scale - read.scale) for name, value in read.values.items()}


def _with(day: RegisterDay, read: RegisterRead, now: datetime) -> RegisterDay:
    others = tuple(one for one in day.reads if one.meter != read.meter)
    reads = tuple(sorted((*others, read), key=lambda one: one.meter))
    return RegisterDay(day.key, day.revision + 1, reads, now)
