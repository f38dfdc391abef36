"""What becomes of a kept register read when another of the same meter and midnight arrives. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from gridhall.metering.histories.keys import day_key
from gridhall.metering.quality import ESTIMATES
from gridhall.metering.registers.model import RegisterDay, RegisterRead
from gridhall.metering.registers.standing import standing


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

    Reads of different origin are kept side by side, and `standing` says which one stands. Of one origin, a read that
    names registers not kept yet adds them. Of two values of a register the order of the curve's readings decides: an
    estimate never takes the place of a measured read, a measured read takes an estimate's as a whole; of two alike
    the higher version holds, and the later arrival only where the versions are equal. What else a read says (its
    quality, the time it was taken) is said by the highest version. Where another value stands than before, the older
    revision is kept; a read that only raises a version is a duplicate, which is written down.
    """
    if stored is None:
        key = day_key(read.point_id, read.channel, read.day)
        return MergedRead(RegisterDay(key, 1, (read,), now), accepted=1)
    known = {one.origin.source: one for one in (*stored.reads, *stored.beside) if one.meter == read.meter}
    stood = next((one for one in stored.reads if one.meter == read.meter), None)
    old = known.get(read.origin.source)
    merged = _merged(old, read) if old else read
    if merged is old:
        return MergedRead(None, duplicate=1)
    changed = _with(stored, read.meter, known | {merged.origin.source: merged}, now)
    if old and _only_adds(old, merged) and len(old.values) == len(merged.values):
        return MergedRead(changed, duplicate=1)
    stands = next(one for one in changed.reads if one.meter == read.meter)
    kept_on = (stood is None or _only_adds(stood, stands)) and (old is None or _only_adds(old, merged))
    return MergedRead(changed, accepted=1) if kept_on else MergedRead(changed, stored, corrected=1)


def _merged(old: RegisterRead, read: RegisterRead) -> RegisterRead:
    """Return what is to be kept: `old` itself where `read` says nothing new."""
    if read.quality in ESTIMATES and old.quality not in ESTIMATES:
        return old
    if old.quality in ESTIMATES and read.quality not in ESTIMATES:
        return read
    scale = max(old.scale, read.scale)
    before, said = _values(old, scale), _values(read, scale)
    taken = {name for name in said if name not in before or _version(read, name) >= _version(old, name)}
    merged = replace(
        read if read.version >= old.version else old,
        scale=scale,
        values=before | {name: said[name] for name in taken},
        versions={**old.versions, **{name: version for name, version in read.versions.items() if name in taken}},
    )
    return old if merged == replace(old, scale=scale, values=before) else merged


def _only_adds(old: RegisterRead, new: RegisterRead) -> bool:
    """Tell whether a read says all that the other said, from the same origin."""
    scale = max(old.scale, new.scale)
    said = _values(old, scale).items() <= _values(new, scale).items()
    return said and new.quality == old.quality and new.origin.source == old.origin.source


def _version(read: RegisterRead, name: str) -> int:
    return read.versions.get(name, 0)


def _values(read: RegisterRead, scale: int) -> dict[str, int]:
    return {name: value * 10 ** (scale - read.scale) for name, value in read.values.items()}


def _with(day: RegisterDay, meter: str, known: dict[str, RegisterRead], now: datetime) -> RegisterDay:
    stands = standing(known.values())
    reads = (*(one for one in day.reads if one.meter != meter), stands)
    beside = (
        *(one for one in day.beside if one.meter != meter),
        *(one for one in known.values() if one is not stands),
    )
    return RegisterDay(
        key=day.key,
        revision=day.revision + 1,
        reads=tuple(sorted(reads, key=lambda one: one.meter)),
        as_of=now,
        beside=tuple(sorted(beside, key=lambda one: (one.meter, one.origin.source))),
    )
