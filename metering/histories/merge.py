"""What becomes of a kept day when readings of it arrive. Pure: nothing here reads or writes anything.

A reading that says what is kept is a duplicate and changes nothing. Of two that differ in a slot, one order decides,
whichever came first: a measured value holds against an estimate; of two measured ones, or two estimates, the higher
version holds. So any order, any split into batches and any repetition of the same readings gives the same history,
but for one case: two values of equal version, for nothing but their arrival tells which is meant, and so the later
holds. The value that is kept, said again in a higher version, raises the version and nothing else; it must, or else a
value of a version between the two would hold or not by the order of arrival. What was overwritten is kept as an older
revision.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from gridhall.kit.localdays import DAY_MINUTES
from gridhall.metering.histories.keys import day_of
from gridhall.metering.histories.model import DayBucket, DayPiece
from gridhall.metering.histories.packing import (
    MISSING,
    pack,
    pack_quality,
    pack_versions,
    unpack_quality,
    unpack_versions,
)
from gridhall.metering.histories.patching import patched
from gridhall.metering.histories.reslotting import Slots, carried_over
from gridhall.metering.histories.totals import totals_by_period
from gridhall.metering.histories.whole_days import laid_over, rescaled, says_no_more
from gridhall.metering.quality import ESTIMATES


class Merged(NamedTuple):
    """The outcome for one day.

    bucket: what to write, None where nothing changes. replaced: the older revision to keep first, None where no
    value was overwritten. The counts are readings; one that only raises a version is a duplicate.
    """

    bucket: DayBucket | None
    replaced: DayBucket | None = None
    accepted: int = 0
    duplicate: int = 0
    corrected: int = 0


@dataclass(slots=True)
class _Laid:
    accepted: int = 0
    corrected: int = 0
    raised: int = 0


def merge(stored: DayBucket | None, piece: DayPiece, *, now: datetime) -> Merged:
    """Lay a piece over what is kept of its day."""
    given = len(piece.values) - piece.values.count(MISSING)
    if stored is None:
        return Merged(_bucket(piece, revision=1, now=now) if given else None, accepted=given)
    if bucket := patched(stored, piece, now=now):
        return Merged(bucket, accepted=given)
    if _says_the_same(stored, piece):
        return Merged(None, duplicate=given)
    if piece.minutes == stored.minutes == DAY_MINUTES:
        return _merge_whole_day(stored, piece, now=now)
    anew = stored.minutes != piece.minutes
    kept = carried_over(stored, minutes=piece.minutes) if anew else _unpacked(stored)
    scale = max(stored.scale, piece.scale)
    kept.values = _rescaled(kept.values, stored.scale, scale)
    new_values = _rescaled(piece.values, piece.scale, scale)
    if piece.versions is None and stored.versions == 0:
        laid = _lay_over(kept, new_values, piece.quality)
    else:
        laid = _lay_over_by_version(kept, new_values, piece.quality, piece.versions or [0] * len(new_values))
    if laid == _Laid():
        return Merged(None, duplicate=given)
    whole = replace(
        piece,
        scale=scale,
        values=kept.values,
        quality=kept.quality,
        versions=kept.versions,
        totals=rescaled(piece.totals, scale - piece.scale),
    )
    return Merged(
        bucket=_bucket(whole, revision=stored.revision + 1, now=now),
        replaced=stored if laid.corrected or anew else None,
        accepted=laid.accepted,
        duplicate=given - laid.accepted - laid.corrected,
        corrected=laid.corrected,
    )


def _merge_whole_day(stored: DayBucket, piece: DayPiece, *, now: datetime) -> Merged:
    """Do the same with days that have no curve: their energy, code and periods hold or yield together."""
    whole = laid_over(stored, piece)
    if whole is None:
        return Merged(None, duplicate=1)
    bucket = _bucket(whole, revision=stored.revision + 1, now=now)
    if says_no_more(stored, whole):
        return Merged(bucket, duplicate=1)
    return Merged(bucket, stored, corrected=1)


def _says_the_same(stored: DayBucket, piece: DayPiece) -> bool:
    """Tell a day that was sent again, which is most of a replay, by its packed form alone."""
    return (
        stored.minutes == piece.minutes
        and stored.scale == piece.scale
        and stored.quality == pack_quality(bytes(piece.quality))
        and stored.values == pack(piece.values)
        and (piece.versions is None or stored.versions == pack_versions(piece.versions, piece.values))
        and (piece.totals is None or stored.totals == piece.totals)
    )


def _unpacked(stored: DayBucket) -> Slots:
    values = stored.unpacked()
    versions = unpack_versions(stored.versions, values) if stored.versions else None
    return Slots(values, unpack_quality(stored.quality, values), versions)


def _rescaled(values: list[int], scale: int, to: int) -> list[int]:
    if scale == to:
        return values
    factor = 10 ** (to - scale)
    return [value * factor if value >= 0 else MISSING for value in values]


def _lay_over(kept: Slots, new_values: Sequence[int], new_quality: bytearray) -> _Laid:
    """Change `kept` where no value has a version; this runs once a reading of nearly all feeds."""
    values, quality = kept.values, kept.quality
    accepted = corrected = 0
    for slot, (value, code) in enumerate(zip(new_values, new_quality, strict=True)):
        if value < 0:
            continue
        if values[slot] < 0:
            accepted += 1
        elif (values[slot] == value and quality[slot] == code) or (
            code in ESTIMATES and quality[slot] not in ESTIMATES
        ):
            continue
        else:
            corrected += 1
        values[slot], quality[slot] = value, code
    return _Laid(accepted, corrected)


def _lay_over_by_version(
    kept: Slots, new_values: Sequence[int], new_quality: bytearray, new_versions: Sequence[int]
) -> _Laid:
    values, quality, laid = kept.values, kept.quality, _Laid()
    versions = kept.versions = kept.versions or [0] * len(values)
    for slot, (value, code, version) in enumerate(zip(new_values, new_quality, new_versions, strict=True)):
        if value < 0:
            continue
        if values[slot] < 0:
            laid.accepted += 1
        elif (code not in ESTIMATES, version) < (quality[slot] not in ESTIMATES, versions[slot]):
            continue
        elif values[slot] != value or quality[slot] != code:
            laid.corrected += 1
        elif versions[slot] != version:
            laid.raised += 1
        values[slot], quality[slot], versions[slot] = value, code, version
    return laid


def _bucket(piece: DayPiece, *, revision: int, now: datetime) -> DayBucket:
    return DayBucket(
        key=piece.key,
        revision=revision,
        minutes=piece.minutes,
        scale=piece.scale,
        zone=piece.zone,
        calendar=piece.calendar,
        values=pack(piece.values),
        quality=pack_quality(bytes(piece.quality)),
        totals=piece.totals
        or totals_by_period(
            piece.values, code=piece.calendar, day=day_of(piece.key), minutes=piece.minutes, zone=piece.zone
        ),
        as_of=now,
        versions=pack_versions(piece.versions, piece.values),
    )
